"""Lines on disk, and the folder and the facts of batches."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai.types import (
    batch_create_params,
    completion_create_params,
    embedding_create_params,
    image_edit_params,
    image_generate_params,
    moderation_create_params,
    video_create_params,
)
from openai.types.chat import completion_create_params as chat_create_params
from openai.types.responses import response_create_params

from core.batches.folder import batch_folder
from core.batches.input.request_line import ENDPOINTS, RequestLine, read_lines, write_lines
from core.batches.limits import batch_endpoints, batch_limits, enqueued_token_limit, parameter_ranges
from core.errors.types import PlaygroundError

LINES = [
    RequestLine(f"행-{number}", {"model": "m", "input": "비\n\u2028눈"}, "/v1/embeddings")
    for number in range(3)
]


def test_writes_and_reads_lines(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a" / "input.jsonl", LINES)
    assert list(read_lines(file.path)) == LINES
    assert (file.lines, file.bytes, file.url, file.model) == (
        3,
        file.path.stat().st_size,
        "/v1/embeddings",
        "m",
    )


def test_keeps_the_earlier_file_if_a_line_cannot_be_made(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "input.jsonl", LINES)

    def failing() -> Iterator[RequestLine]:
        yield LINES[0]
        raise PlaygroundError("Row 2 is invalid.")

    with pytest.raises(PlaygroundError, match="Row 2"):
        write_lines(file.path, failing())
    assert [path.name for path in tmp_path.iterdir()] == ["input.jsonl"]
    assert list(read_lines(file.path)) == LINES


def test_rejects_a_file_without_lines(tmp_path: Path) -> None:
    with pytest.raises(PlaygroundError, match="no requests"):
        write_lines(tmp_path / "input.jsonl", [])
    assert list(tmp_path.iterdir()) == []


def test_measures_and_deletes_the_folder_of_a_batch(tmp_path: Path) -> None:
    folder, other = batch_folder(tmp_path, "a" * 32), batch_folder(tmp_path, "b" * 32)
    assert folder.bytes == 0
    for path in (folder.input_file, folder.output_file, other.error_file):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
    assert folder.bytes == 6
    folder.delete()
    folder.delete()
    assert folder.bytes == 0


@pytest.mark.parametrize("batch_id", ["", "../" * 8, "A" * 32, "a" * 33, f"{'a' * 32}\n"])
def test_rejects_an_id_that_is_not_ours(tmp_path: Path, batch_id: str) -> None:
    with pytest.raises(ValueError, match="Not the id"):
        batch_folder(tmp_path, batch_id)


def test_knows_the_endpoints_and_parameters_of_the_sdk() -> None:
    annotation = str(batch_create_params.BatchCreateParams.__annotations__["endpoint"])
    assert {part for part in annotation.split("'") if part.startswith("/v1/")} == set(ENDPOINTS)
    types = {
        "/v1/chat/completions": chat_create_params.CompletionCreateParamsBase,
        "/v1/responses": response_create_params.ResponseCreateParamsBase,
        "/v1/embeddings": embedding_create_params.EmbeddingCreateParams,
        "/v1/completions": completion_create_params.CompletionCreateParamsBase,
        "/v1/moderations": moderation_create_params.ModerationCreateParams,
        "/v1/images/generations": image_generate_params.ImageGenerateParamsBase,
        "/v1/images/edits": image_edit_params.ImageEditParamsBase,
        "/v1/videos": video_create_params.VideoCreateParams,
    }
    for url, endpoint in batch_endpoints().items():
        assert endpoint.parameters == set(types[url].__annotations__)
        assert endpoint.parameters.issuperset(endpoint.required)


def test_has_the_limits_of_the_api() -> None:
    assert (batch_limits().lines, batch_limits().bytes) == (50_000, 200 * 1024**2)
    assert enqueued_token_limit("gpt-6-luna") == enqueued_token_limit("gpt-6-luna-2026-08-01") == 2_000_000
    assert enqueued_token_limit("my-model") is None
    assert parameter_ranges()["presence_penalty"] == (-2, 2)


def test_writes_one_line_of_json_for_each_request() -> None:
    data = LINES[0].to_json()
    assert data.count(b"\n") == 1
    assert json.loads(data) == {
        "custom_id": "행-0",
        "method": "POST",
        "url": "/v1/embeddings",
        "body": {"model": "m", "input": "비\n\u2028눈"},
    }
