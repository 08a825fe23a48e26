"""What a server sends as a batch, a list or a result can be anything, and is read without an error."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from openai._models import construct_type
from openai.types import Batch
from pydantic import TypeAdapter

from core.batches.batch import BatchRecord
from core.batches.remote.remote_batch import record_of, updated_from, valid_batches
from core.batches.results.result_lines import parse_result

KEYS = st.sampled_from(
    [
        *("id", "status", "metadata", "model", "endpoint", "errors", "data", "code", "message", "line"),
        *("request_counts", "total", "completed", "failed", "usage", "input_tokens", "created_at"),
        *("in_progress_at", "completed_at", "expires_at", "output_file_id", "input_tokens_details"),
        *("response", "body", "status_code", "error", "choices", "content", "embedding", "object", "output"),
    ]
)
# A server can send half of a surrogate pair, which UTF-8 cannot encode.
TEXT = st.text(st.characters(codec=None))
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    SCALARS | st.sampled_from(["completed", "in_progress", "list", 200]),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(KEYS, child, max_size=6),
    max_leaves=20,
)


@given(fields=st.dictionaries(KEYS, VALUES, max_size=12))
def test_reads_any_batch(fields: dict[str, Any]) -> None:
    batch: Any = construct_type(type_=Batch, value=fields)
    for valid in valid_batches([batch]):
        record = updated_from(record_of(valid, "test", "http://x/v1"), valid)
        assert record.headline
        # As the database saves it.
        adapter = TypeAdapter(BatchRecord)
        assert adapter.validate_json(adapter.dump_json(record)) == record


@given(data=VALUES)
def test_reads_any_list(data: Any) -> None:
    assert valid_batches(data) == []


@given(fields=st.dictionaries(KEYS, VALUES, max_size=12))
def test_reads_any_result(fields: dict[str, Any]) -> None:
    result = parse_result({**fields, "custom_id": "a"})
    assert isinstance(result.text + result.error_code + result.error_message, str)
    assert orjson.dumps(result.custom_id)
