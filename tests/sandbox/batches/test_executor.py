"""The lines of large batches are executed in a process of their own."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from core.sandbox.api.models import load_models
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.batches.executor import LineRange, LocalExecutor, ProcessExecutor
from tests.sandbox.batches.input_files import CHAT, create, read, request_line, upload, wait


@pytest.fixture
def executor() -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor()
    yield executor
    executor.stop()


@pytest.fixture
def input_file(tmp_path: Path) -> Path:
    path = tmp_path / "input.jsonl"
    path.write_text("".join(f"{json.dumps(request_line(number))}\n" for number in range(1, 6)))
    return path


def test_executes_a_range_of_lines_as_this_process_does(executor: ProcessExecutor, input_file: Path) -> None:
    local = LocalExecutor(load_models(), PromptCache())
    lines = input_file.read_bytes().splitlines(keepends=True)
    middle = LineRange(input_file, offset=len(lines[0]), first=2, count=3)

    expected = local.execute(middle, CHAT, "", seconds=60)
    executed = executor.execute(middle, CHAT, "", seconds=60)

    assert executed.offset == expected.offset == len(b"".join(lines[:4]))
    assert [number for number, _ in executed.results] == [2, 3, 4]
    assert [result.usage for _, result in executed.results] == [
        result.usage for _, result in expected.results
    ]
    assert executor.validate(input_file, CHAT).lines == 5


def test_replaces_a_process_that_was_killed(executor: ProcessExecutor, input_file: Path) -> None:
    lines = LineRange(input_file, 0, 1, 5)
    executor.execute(lines, CHAT, "", seconds=60)
    assert executor.process
    executor.process.kill()
    executor.process.wait()
    assert len(executor.execute(lines, CHAT, "", seconds=60).results) == 5


def test_raises_what_the_process_cannot_read(executor: ProcessExecutor, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        executor.validate(tmp_path / "missing.jsonl", CHAT)


def test_executes_a_large_batch_and_ends_the_process(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sandbox.batches.runner._MIN_PROCESS_BYTES", 1)
    ended = threading.Event()
    stop = ProcessExecutor.stop

    def stop_and_report(executor: ProcessExecutor) -> None:
        was_running = executor.process is not None
        stop(executor)
        if was_running:
            ended.set()

    monkeypatch.setattr(ProcessExecutor, "stop", stop_and_report)
    batch = wait(client, create(client, upload(client, map(request_line, range(150)))).id)

    assert batch.request_counts
    assert (batch.status, batch.request_counts.completed) == ("completed", 150)
    assert len(read(client, batch.output_file_id)) == 150
    assert ended.wait(60)
