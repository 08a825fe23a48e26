"""Run a program, and end it with its child processes when the app is gone, however the app ended.

The app starts this file as a script in a process group of its own, and talks to the program through it:
standard input is inherited, standard output is copied up to a limit on the length of a line.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from threading import Thread

# Seconds that a program has to end by itself once its standard input is closed.
GRACE = 2.0
# Bytes. The app parses a message as a whole, and serves nobody else meanwhile.
MAX_LINE = 8_000_000
TOO_LONG = f"[stopped: a message has more than {MAX_LINE:,} bytes]"
_CHUNK = 65_536
_LAST_OUTPUT_TIMEOUT = 1.0


def main(command: list[str]) -> int:
    """Run *command* and return its exit code."""
    try:
        program = subprocess.Popen(command, stdout=subprocess.PIPE)
    except OSError as error:
        _report(f"{command[0]}: {error.strerror}")
        return 126
    if os.name == "posix":  # on Windows, the job object of the app ends the processes
        Thread(target=_end_with_app, daemon=True).start()
    assert program.stdout
    copying = Thread(target=_copy_lines, args=(program.stdout.fileno(),), daemon=True)
    copying.start()
    code = program.wait()
    copying.join(_LAST_OUTPUT_TIMEOUT)
    _report(f"[exited with code {code}]")
    if os.name == "posix":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)  # its child processes
    return code if code >= 0 else 128 - code


def _copy_lines(source: int) -> None:
    """Copy *source* to standard output until its end. A line that is too long ends the process group."""
    length = 0
    with suppress(OSError):  # nobody reads the output any more
        while data := os.read(source, _CHUNK):
            end = data.rfind(b"\n")
            length = len(data) - end - 1 if end >= 0 else length + len(data)
            if length > MAX_LINE:
                _report(TOO_LONG)
                _end_group()
            while data:
                data = data[os.write(1, data) :]


def _end_with_app() -> None:
    """End the process group once the other end of standard input, which is the app's, is closed."""
    poll = select.poll()
    poll.register(0, 0)  # not for what there is to read: that is for the program
    poll.poll()
    time.sleep(GRACE)
    _end_group()


def _report(text: str) -> None:
    with suppress(OSError):  # the app is gone
        os.write(2, f"{text}\n".encode())


def _end_group() -> None:
    if os.name == "posix":
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
