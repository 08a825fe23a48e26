"""Run a function over a large file in a process of its own, so that pages stay responsive meanwhile.

The process is `python -m core.batches.check.process`: it reads the pickled function and arguments from
standard input, and writes pickled progress, and at the end the result. Both ends are this program.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from core.batches.check.file_check import CheckCancelled, IsCancelled, Progress
from core.errors.types import PlaygroundError
from core.paths import ROOT

T = TypeVar("T")

# Below this size the function takes less time than the start of a process.
MIN_BYTES = 4 * 1024 * 1024
_MAX_MEMORY = 2 * 1024**3
_NICENESS = 5  # replies that arrive meanwhile come first


def run_isolated(
    function: Callable[..., T],
    arguments: tuple[Any, ...],
    path: Path,
    *,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> T:
    """Call the module-level *function* with *arguments*, *on_progress* and *is_cancelled*.

    If the file *path* is large, it runs in another process, in which a cancellation ends it at once. Raises
    what the function raises, and PlaygroundError if the process ends without a result.
    """
    if path.stat().st_size < MIN_BYTES:
        return function(*arguments, on_progress=on_progress, is_cancelled=is_cancelled)
    command = [sys.executable, "-m", "core.batches.check.process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin
        assert process.stdout
        try:
            with suppress(BrokenPipeError), process.stdin:
                pickle.dump((function, arguments), process.stdin)
            result: T = _receive(process.stdout, on_progress, is_cancelled)
            return result
        finally:
            process.kill()


def _receive(stream: IO[bytes], on_progress: Progress, is_cancelled: IsCancelled) -> Any:
    while True:
        try:
            kind, value = pickle.load(stream)
        except (EOFError, pickle.UnpicklingError):
            message = "The file could not be processed: it needs too much memory."
            raise PlaygroundError(message, "Split the file and try again.") from None
        if kind == "result":
            return value
        if kind == "error":
            raise value
        on_progress(*value)
        if is_cancelled():
            raise CheckCancelled


def main() -> None:
    with suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
        os.nice(_NICENESS)
    function, arguments = pickle.load(sys.stdin.buffer)

    def send(kind: str, value: object) -> None:
        pickle.dump((kind, value), sys.stdout.buffer)
        sys.stdout.buffer.flush()

    try:
        result = function(
            *arguments,
            on_progress=lambda done, total: send("progress", (done, total)),
            is_cancelled=lambda: False,
        )
    except (PlaygroundError, OSError) as error:
        send("error", error)
    else:
        send("result", result)


if __name__ == "__main__":
    main()
