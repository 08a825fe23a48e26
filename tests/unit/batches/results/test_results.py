"""Results, joined to the lines of the input file whatever their order and form."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from core.batches.batch import BatchOutcome, BatchRecord, RequestCounts
from core.batches.folder import BatchFolder, batch_folder
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultState, parse_result
from core.batches.results.results import ErrorCluster, ResultTable, import_results
from core.errors.types import NotFound, PlaygroundError
from core.pricing.usage import Usage
from tests.servers import COMPLETION

Prepare = Callable[..., BatchRecord]
EXPIRED = {"code": "batch_expired", "message": "Not finished in 24 hours."}
CANCELLED = {"code": "batch_cancelled", "message": "The batch was cancelled."}
RATE_LIMIT = {
    "message": "Too many requests",
    "type": "requests",
    "param": None,
    "code": "rate_limit_exceeded",
}


def success(custom_id: str, body: dict[str, Any] = COMPLETION) -> dict[str, Any]:
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": None}


def http_failure(custom_id: str, error: object = RATE_LIMIT) -> dict[str, Any]:
    response = {"status_code": 429, "request_id": "r", "body": {"error": error}}
    return {"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": None}


def not_made(custom_id: str, error: object = EXPIRED) -> dict[str, Any]:
    return {"id": "batch_req_1", "custom_id": custom_id, "response": None, "error": error}


def write(path: Path, *lines: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"".join(line if isinstance(line, bytes) else orjson.dumps(line) + b"\n" for line in lines)
    )


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[BatchRecord], BatchFolder]:
    return lambda record: batch_folder(tmp_path, record.id)


FolderOf = Callable[[BatchRecord], BatchFolder]


def test_joins_by_id_in_the_order_of_the_input(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a", "b", "c", "d", "가"))
    folder = folder_of(record)
    write(folder.output_file, success("가"), success("a"))
    write(folder.error_file, not_made("c"), http_failure("b"))

    imported = import_results(repository, record, folder)

    table = ResultTable(repository.store, record.id)
    assert [(row.number, row.custom_id, row.state.value, row.error_code) for row in table.page()] == [
        (1, "a", "succeeded", ""),
        (2, "b", "failed", "rate_limit_exceeded"),
        (3, "c", "expired", "batch_expired"),
        (4, "d", "missing", "missing"),
        (5, "가", "succeeded", ""),
    ]
    assert list(table.rows()) == table.page()
    assert table.page()[0].text == "hi"
    assert imported.usage == Usage(6, 2)
    assert imported.results == RequestCounts(5, 2, 2)
    assert repository.get(record.id) == imported
    assert table.count(search="TOO MANY") == 1
    assert ErrorCluster("batch_expired", EXPIRED["message"], 1, "c") in table.clusters()


@pytest.mark.parametrize(
    ("line", "state", "code"),
    [
        (http_failure("a"), ResultState.FAILED, "rate_limit_exceeded"),
        (not_made("a", EXPIRED), ResultState.EXPIRED, "batch_expired"),
        (not_made("a", CANCELLED), ResultState.CANCELLED, "batch_cancelled"),
        (http_failure("a", None), ResultState.FAILED, "429"),
        (not_made("a", None), ResultState.FAILED, "unknown"),
        (success("a") | {"error": EXPIRED}, ResultState.EXPIRED, "batch_expired"),
    ],
)
def test_parses_each_form_of_an_error(line: dict[str, Any], state: ResultState, code: str) -> None:
    result = parse_result(line)

    assert (result.state, result.error_code) == (state, code)


def test_parses_an_error_that_is_only_a_message() -> None:
    assert parse_result(http_failure("a", "model not found")).error_message == "model not found"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"object": "list", "data": [{"embedding": [0.1, 0.2]}, {"embedding": [0, 1]}]}, "2 × 2 dimensions"),
        ({"object": "list", "data": [{"embedding": 5}, None]}, ""),
        ({"choices": [{"text": "completion"}]}, "completion"),
        ({"choices": [{"message": {"refusal": "I cannot"}}]}, "I cannot"),
        ({"output": [{"type": "reasoning"}, {"content": [{"type": "output_text", "text": "안"}]}]}, "안"),
        ({"choices": [None], "usage": {"prompt_tokens": "x"}}, ""),
    ],
)
def test_returns_the_text_of_each_endpoint(body: dict[str, Any], text: str) -> None:
    assert parse_result(success("a", body)).text == text


def test_ignores_a_status_code_that_is_none() -> None:
    line = {"custom_id": "a", "response": {"status_code": 2**62, "body": {}}}

    assert parse_result(line).status_code is None


def test_counts_two_successes_of_a_line_once(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a",))
    write(folder_of(record).output_file, success("a"), success("a"))

    imported = import_results(repository, record, folder_of(record))

    assert imported.usage == Usage(3, 1)
    assert imported.results == RequestCounts(1, 1, 0)
    assert imported.cost
    assert imported.sync_cost == 2 * imported.cost
    assert ResultTable(repository.store, record.id).page()[0].cost == imported.cost


def test_prefers_the_success_of_a_line_that_also_failed(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a", "b"))
    write(folder_of(record).output_file, http_failure("a"), success("a"), success("b"))
    write(folder_of(record).error_file, http_failure("b"))

    imported = import_results(repository, record, folder_of(record))

    assert imported.results == RequestCounts(2, 2, 0)
    assert ResultTable(repository.store, record.id).counts() == {ResultState.SUCCEEDED: 2}


def test_changes_nothing_when_it_is_repeated(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare()
    write(folder_of(record).output_file, success("b"), success("x"))

    first = import_results(repository, record, folder_of(record))
    rows = ResultTable(repository.store, record.id).page()

    assert import_results(repository, record, folder_of(record)) == first
    assert ResultTable(repository.store, record.id).page() == rows


def test_skips_lines_that_are_no_results(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a",))
    write(folder_of(record).output_file, b"<html>\n", [1], {"custom_id": 3}, b"\n", success("a"), b'{"custom')

    imported = import_results(repository, record, folder_of(record))

    assert imported.outcome == BatchOutcome.PENDING  # not submitted, whatever the folder has
    assert imported.results == RequestCounts(1, 1, 0)


def test_keeps_the_number_of_a_line_after_a_blank_one(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare()
    write(folder_of(record).input_file, {"custom_id": "a"}, b"\n", {"custom_id": "b"})
    write(folder_of(record).output_file, success("unknown"), success("b"), success("a"))

    import_results(repository, record, folder_of(record))

    rows = ResultTable(repository.store, record.id).page()
    assert [(row.number, row.custom_id) for row in rows] == [(1, "a"), (3, "b"), (4, "unknown")]


@pytest.mark.parametrize("line", [b"<html>\n", b"[]\n", b"{}\n", b'{"custom_id": 1}\n'])
def test_explains_an_input_file_that_is_not_valid(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf, line: bytes
) -> None:
    record = prepare()
    write(folder_of(record).input_file, {"custom_id": "a"}, line)
    write(folder_of(record).output_file, success("a"))

    with pytest.raises(PlaygroundError, match="Line 2 of the input file"):
        import_results(repository, record, folder_of(record))


def test_needs_no_input_file(repository: BatchRepository, prepare: Prepare, folder_of: FolderOf) -> None:
    record = prepare()
    folder_of(record).input_file.unlink()
    write(folder_of(record).error_file, http_failure("y"), http_failure("z"))

    imported = import_results(repository, record, folder_of(record))

    assert imported.results == RequestCounts(2, 0, 2)


def test_does_not_bring_back_a_batch_that_was_deleted(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare()
    repository.delete(record.id)

    with pytest.raises(NotFound):
        import_results(repository, record, folder_of(record))

    assert repository.list() == []


def test_has_no_cost_without_a_price(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a",), model="unknown-model")
    write(folder_of(record).output_file, success("a"))

    assert import_results(repository, record, folder_of(record)).cost is None


@pytest.mark.parametrize(("is_success", "cost"), [(True, None), (False, Decimal(0))])
def test_has_no_cost_if_the_server_sends_no_usage(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf, is_success: bool, cost: Decimal | None
) -> None:
    record = prepare(ids=("a", "b"))
    body = {name: value for name, value in COMPLETION.items() if name != "usage"}
    lines = [success(custom_id, body) if is_success else http_failure(custom_id) for custom_id in "ab"]
    write(folder_of(record).output_file, *lines)

    imported = import_results(repository, record, folder_of(record))

    assert (imported.cost, imported.sync_cost) == (cost, cost)


def test_returns_a_text_that_is_a_json_object(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a", "b", "c"))
    bodies = [{"choices": [{"message": {"content": text}}]} for text in ('{"x": "값"}', "{broken", "[1]")]
    lines = [success(custom_id, body) for custom_id, body in zip("abc", bodies, strict=True)]
    write(folder_of(record).output_file, *lines)

    import_results(repository, record, folder_of(record))

    rows = ResultTable(repository.store, record.id).page()
    assert [row.parsed for row in rows] == [{"x": "값"}, None, None]


def test_reads_half_of_a_surrogate_pair(
    repository: BatchRepository, prepare: Prepare, folder_of: FolderOf
) -> None:
    record = prepare(ids=("a",))
    line = orjson.dumps(success("a", {"choices": [{"message": {"content": "half: ?"}}]}))
    write(folder_of(record).output_file, line.replace(b"?", b"\\ud83d") + b"\n")

    import_results(repository, record, folder_of(record))

    [row] = ResultTable(repository.store, record.id).rows()
    assert (row.state, row.text) == (ResultState.SUCCEEDED, "half: \N{REPLACEMENT CHARACTER}")
