"""Batches: their states, their results and their errors, with the SDK."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError, ConflictError, DefaultHttpx2Client, NotFoundError, OpenAI
from openai.types import Batch

from core.sandbox.server import SandboxServer
from tests.sandbox.batches.input_files import create, read, request_line, upload, wait

ROOT = Path(__file__).parents[3]


def test_completes_with_a_result_for_every_line(client: OpenAI) -> None:
    lines = [request_line(number) for number in range(30)]
    created = create(client, upload(client, lines))
    assert (created.status, created.request_counts.total if created.request_counts else None) == (
        "validating",
        0,
    )
    batch = wait(client, created.id)
    assert batch.status == "completed"
    assert batch.model == "gpt-4o-mini"
    assert batch.error_file_id is None
    assert batch.request_counts is not None
    assert (batch.request_counts.total, batch.request_counts.completed) == (30, 30)
    results = read(client, batch.output_file_id)
    ids = [result["custom_id"] for result in results]
    assert sorted(ids) == sorted(line["custom_id"] for line in lines)
    assert ids != [line["custom_id"] for line in lines]
    assert batch.usage is not None
    totals = [result["response"]["body"]["usage"]["total_tokens"] for result in results]
    assert batch.usage.total_tokens == sum(totals)
    assert batch.in_progress_at
    assert batch.finalizing_at
    assert batch.completed_at


async def test_completes_with_the_asynchronous_client(client: OpenAI, async_client: AsyncOpenAI) -> None:
    file_id = upload(client, [request_line(1)])
    batch = await async_client.batches.create(
        input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    assert wait(client, batch.id).status == "completed"
    assert [item.id async for item in async_client.batches.list()] == [batch.id]


def test_executes_embeddings(client: OpenAI) -> None:
    body = {"model": "text-embedding-3-small", "input": ["비", "눈"]}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": body}
    file_id = upload(client, [line])
    batch = client.batches.create(input_file_id=file_id, endpoint="/v1/embeddings", completion_window="24h")
    (result,) = read(client, wait(client, batch.id).output_file_id)
    assert len(result["response"]["body"]["data"]) == 2


BAD_LINES: list[tuple[Any, str, str | None]] = [
    ("{not json", "invalid_json_line", None),
    (request_line(0), "duplicate_custom_id", "custom_id"),
    ({**request_line(1), "body": {"model": "gpt-4o-mini"}}, "missing_required_parameter", "body.messages"),
    ({**request_line(1), "url": "/v1/embeddings"}, "url_mismatch", "url"),
    (request_line(1, model="gpt-4o"), "mismatched_model", "body.model"),
]


@pytest.mark.parametrize(("line", "code", "param"), BAD_LINES, ids=[case[1] for case in BAD_LINES])
def test_fails_for_an_invalid_line(client: OpenAI, line: Any, code: str, param: str | None) -> None:
    batch = wait(client, create(client, upload(client, [request_line(0), line])).id)
    assert batch.status == "failed"
    assert batch.errors
    assert batch.errors.data
    assert [(error.code, error.param, error.line) for error in batch.errors.data] == [(code, param, 2)]


@pytest.mark.parametrize(
    ("lines", "headers", "code"),
    [
        ([], {}, "empty_file"),
        ([request_line(1, model="gpt-99")], {}, "model_not_found"),
        ([request_line(1)], {"token_limit": "1"}, "token_limit_exceeded"),
        ([request_line(1)], {"outcome": "fail-validation"}, "invalid_json_line"),
    ],
)
def test_fails_for_an_invalid_file(
    client: OpenAI, lines: list[Any], headers: dict[str, str], code: str
) -> None:
    batch = wait(client, create(client, upload(client, lines), **headers).id)
    assert batch.errors
    assert batch.errors.data
    assert [error.code for error in batch.errors.data] == [code]


def test_reads_a_line_that_is_too_long_in_parts(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sandbox.batches.validation.MAX_LINE_BYTES", 300)
    lines = [request_line(1), "x" * 1_000, request_line(1), "x" * 300, "x" * 302]
    batch = wait(client, create(client, upload(client, lines)).id)
    assert batch.errors
    assert batch.errors.data
    assert [(error.code, error.line) for error in batch.errors.data] == [
        ("line_too_long", 2),
        ("duplicate_custom_id", 3),
        ("line_too_long", 4),
        ("line_too_long", 5),
    ]


def test_accepts_an_unknown_file_and_fails_later(client: OpenAI) -> None:
    batch = wait(client, create(client, "file-unknown").id)
    assert batch.status == "failed"
    assert batch.errors
    assert batch.errors.data
    assert batch.errors.data[0].message == "Cannot find file file-unknown."


def test_completes_although_all_lines_fail(client: OpenAI) -> None:
    file_id = upload(client, [request_line(number) for number in range(3)])
    batch = wait(client, create(client, file_id, outcome="all-fail").id)
    assert (batch.status, batch.output_file_id) == ("completed", None)
    results = read(client, batch.error_file_id)
    assert {result["response"]["status_code"] for result in results} == {500}
    assert all(result["error"] is None for result in results)


def test_separates_results_and_errors(client: OpenAI) -> None:
    lines = [request_line(1), request_line(2, temperature=9)]
    batch = wait(client, create(client, upload(client, lines)).id)
    assert [result["custom_id"] for result in read(client, batch.output_file_id)] == ["line-1"]
    (error,) = read(client, batch.error_file_id)
    assert (error["custom_id"], error["response"]["status_code"]) == ("line-2", 400)


def test_expires_with_the_results_so_far(client: OpenAI) -> None:
    file_id = upload(client, [request_line(number) for number in range(10)])
    batch = wait(client, create(client, file_id, outcome="expire").id)
    assert batch.status == "expired"
    assert len(read(client, batch.output_file_id)) == 5
    errors = read(client, batch.error_file_id)
    assert [(error["response"], error["error"]["code"]) for error in errors] == [(None, "batch_expired")] * 5


def test_cancels_with_the_results_so_far(client: OpenAI) -> None:
    file_id = upload(client, [request_line(number) for number in range(60)])
    batch = create(client, file_id, speed="4")
    wait(client, batch.id, lambda batch: bool(batch.request_counts and batch.request_counts.completed))
    assert client.batches.cancel(batch.id).status == "cancelling"
    ended = wait(client, batch.id)
    assert ended.status == "cancelled"
    assert ended.request_counts
    done, rest = read(client, ended.output_file_id), read(client, ended.error_file_id)
    assert (len(done), len(done) + len(rest)) == (ended.request_counts.completed, 60)
    with pytest.raises(ConflictError) as caught:
        client.batches.cancel(batch.id)
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_ends_new_batches_as_their_client_has_set(client: OpenAI, server: SandboxServer) -> None:
    file_id = upload(client, [request_line(number) for number in range(10)])
    server.settings.update({"batch_outcome": "all-fail", "batch_speed": "100"})

    failing = wait(client, create(client, file_id).id)
    expiring = wait(client, create(client, file_id, outcome="expire").id)
    server.settings.update({"batch_outcome": None})
    succeeding = wait(client, create(client, file_id).id)

    assert failing.request_counts
    assert (failing.status, failing.request_counts.failed) == ("completed", 10)
    assert expiring.status == "expired"
    assert succeeding.request_counts
    assert succeeding.request_counts.completed == 10


def test_continues_with_other_batches_after_a_bug(
    client: OpenAI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def validate(_source: Path, _endpoint: str, _catalog: object) -> None:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr("core.sandbox.batches.executor.validate_file", validate)
    failed = wait(client, create(client, upload(client, [request_line(1)])).id)
    other = wait(client, create(client, upload(client, [request_line(1)])).id)

    assert (failed.status, other.status) == ("failed", "completed")
    assert failed.errors
    assert failed.errors.data
    assert failed.errors.data[0].code == "server_error"
    assert "ZeroDivisionError" in caplog.text


def test_refuses_invalid_parameters(client: OpenAI) -> None:
    metadata = {f"key-{number}": "x" for number in range(17)}
    changes: list[Any] = [
        {"completion_window": "1h"},
        {"endpoint": "/v1/x"},
        {"metadata": metadata},
        {"extra_headers": {"x-sandbox-batch-speed": "fast"}},
    ]
    valid: Any = {"input_file_id": "x", "endpoint": "/v1/embeddings", "completion_window": "24h"}
    for change in changes:
        with pytest.raises(BadRequestError):
            client.batches.create(**{**valid, **change})
    with pytest.raises(NotFoundError):
        client.batches.retrieve("batch_unknown")


def test_lists_the_newest_first_in_pages(client: OpenAI) -> None:
    ids = [create(client, "file-unknown").id for _ in range(5)]
    page = client.batches.list(limit=2)
    assert ([batch.id for batch in page.data], page.has_more) == (ids[:2:-1], True)
    assert [batch.id for batch in page] == ids[::-1]


def _has_reached(states: Sequence[str], batch: Batch) -> bool:
    return batch.status in states


def test_continues_after_a_kill_in_each_state(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "core.sandbox", "--port", "0", "--key", "sk-test-key"]
    command += ["--latency", "instant", "--directory", str(tmp_path)]
    batch_id = ""
    conditions = ("validating", "in_progress", "finalizing", "completed")
    for status in conditions:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split(" at ")[1].split(". ")[0]
            with DefaultHttpx2Client(trust_env=False) as http_client:
                client = OpenAI(base_url=url, api_key="sk-test-key", http_client=http_client)
                if not batch_id:
                    file_id = upload(client, [request_line(number) for number in range(60)])
                    batch_id = create(client, file_id, speed="2").id
                batch = wait(client, batch_id, partial(_has_reached, conditions[conditions.index(status) :]))
                if status == "completed":
                    results = read(client, batch.output_file_id)
                    ids = sorted(result["custom_id"] for result in results)
                    assert ids == sorted(f"line-{number}" for number in range(60))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
