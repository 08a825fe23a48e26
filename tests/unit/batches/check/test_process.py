"""A function over a large file runs in another process: its result, its error, its end, its cancellation."""

import os
from pathlib import Path
from typing import Any

import pytest

from core.batches.check import process
from core.batches.check.file_check import CheckCancelled, Progress
from core.batches.check.process import run_isolated
from core.errors.types import PlaygroundError


def report_twice(value: str, *, on_progress: Progress, **_options: Any) -> tuple[str, int]:
    on_progress(1, 2)
    on_progress(2, 2)
    return value, os.getpid()


def fail(message: str, **_options: Any) -> None:
    raise PlaygroundError(message, "A hint.")


def use_too_much_memory(**_options: Any) -> int:
    return len(bytearray(8 * 1024**3))


def report_forever(*, on_progress: Progress, **_options: Any) -> None:
    while True:
        on_progress(0, 1)


@pytest.fixture(autouse=True)
def _isolate_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MIN_BYTES", 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "input.jsonl"
    path.write_bytes(b"")
    return path


def test_returns_the_result_after_its_progress(file: Path) -> None:
    progress: list[tuple[int, int]] = []
    text, pid = run_isolated(
        report_twice,
        ("서울",),
        file,
        on_progress=lambda done, total: progress.append((done, total)),
        is_cancelled=lambda: False,
    )
    assert text == "서울"
    assert pid != os.getpid()
    assert progress == [(1, 2), (2, 2)]


def test_raises_the_error_with_its_hint(file: Path) -> None:
    with pytest.raises(PlaygroundError, match="Too many lines") as caught:
        run_isolated(
            fail, ("Too many lines.",), file, on_progress=lambda *_: None, is_cancelled=lambda: False
        )
    assert caught.value.hint == "A hint."


def test_explains_a_process_that_runs_out_of_memory(file: Path) -> None:
    with pytest.raises(PlaygroundError, match="too much memory"):
        run_isolated(use_too_much_memory, (), file, on_progress=lambda *_: None, is_cancelled=lambda: False)


def test_ends_the_process_when_cancelled_or_when_the_caller_fails(file: Path) -> None:
    def fail_to_draw(_done: int, _total: int) -> None:
        raise ValueError("The page is gone.")

    with pytest.raises(CheckCancelled):
        run_isolated(report_forever, (), file, on_progress=lambda *_: None, is_cancelled=lambda: True)
    with pytest.raises(ValueError, match="page is gone"):
        run_isolated(report_forever, (), file, on_progress=fail_to_draw, is_cancelled=lambda: False)
