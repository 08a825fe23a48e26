"""The work with the lines of an input file: in this process, or in one of its own (`__main__.py`)."""

import pickle
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.paths import ROOT
from core.sandbox.api.models import ModelCatalog
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.batches.lines import LineResult, execute_line
from core.sandbox.batches.validation import Validation, validate_file


@dataclass(frozen=True, slots=True)
class LineRange:
    """Up to *count* lines of the file *path* from *offset*, of which the first has the number *first*."""

    path: Path
    offset: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class ExecutedLines:
    """The results by line number, and the offset behind the last of these lines."""

    results: tuple[tuple[int, LineResult], ...]
    offset: int


class LineExecutor(Protocol):
    def validate(self, path: Path, endpoint: str) -> Validation:
        """Check all lines of *path*."""

    def execute(self, lines: LineRange, endpoint: str, outcome: str, seconds: float) -> ExecutedLines:
        """Execute *lines*, only the first of them if they take longer than *seconds*."""


class LocalExecutor:
    """Works in the thread that calls it."""

    def __init__(self, catalog: ModelCatalog, cache: PromptCache) -> None:
        self._catalog, self._cache = catalog, cache

    def validate(self, path: Path, endpoint: str) -> Validation:
        return validate_file(path, endpoint, self._catalog)

    def execute(self, lines: LineRange, endpoint: str, outcome: str, seconds: float) -> ExecutedLines:
        results: list[tuple[int, LineResult]] = []
        deadline = time.monotonic() + seconds
        with lines.path.open("rb") as file:
            file.seek(lines.offset)
            while len(results) < lines.count and time.monotonic() < deadline:
                number = lines.first + len(results)
                result = execute_line(file.readline(), number, endpoint, self._catalog, self._cache, outcome)
                results.append((number, result))
                # Lets the thread of the server run, which would otherwise wait for the switch interval.
                time.sleep(0)
            return ExecutedLines(tuple(results), file.tell())


class ProcessExecutor:
    """Works in a process, so that the app which contains the sandbox stays responsive.

    The process starts with the first call. One that has died is replaced once for each call.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def validate(self, path: Path, endpoint: str) -> Validation:
        result = self._call("validate", path, endpoint)
        assert isinstance(result, Validation)
        return result

    def execute(self, lines: LineRange, endpoint: str, outcome: str, seconds: float) -> ExecutedLines:
        result = self._call("execute", lines, endpoint, outcome, seconds)
        assert isinstance(result, ExecutedLines)
        return result

    def stop(self) -> None:
        """End the process; the next call starts another one."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def _call(self, name: str, *arguments: Any) -> object:
        try:
            return self._send(name, arguments)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            self.stop()
            return self._send(name, arguments)

    def _send(self, name: str, arguments: tuple[Any, ...]) -> object:
        if self.process is None:
            command = [sys.executable, "-m", "core.sandbox.batches"]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self.process.stdin
        assert self.process.stdout
        pickle.dump((name, arguments), self.process.stdin)
        self.process.stdin.flush()
        result: object = pickle.load(self.process.stdout)
        if isinstance(result, Exception):
            raise result
        return result
