"""The process of a `ProcessExecutor`: `python -m core.sandbox.batches`.

It reads pickled calls from standard input and writes pickled results, until its input ends with the sandbox.
Both ends are this program.
"""

import os
import pickle
import signal
import sys
from contextlib import suppress

from core.sandbox.api.models import load_models
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.batches.executor import LocalExecutor

_NICENESS = 10  # requests to the app or the sandbox come first


def main() -> None:
    # Ctrl+C in a terminal reaches this process, too. It ends with the sandbox.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    executor = LocalExecutor(load_models(), PromptCache())
    with suppress(EOFError, BrokenPipeError):
        while True:
            name, arguments = pickle.load(sys.stdin.buffer)
            result: object
            try:
                result = getattr(executor, name)(*arguments)
            except OSError as error:
                result = error
            pickle.dump(result, sys.stdout.buffer)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
