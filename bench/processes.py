"""Child processes: starting and stopping them, suspending them, and their CPU time and memory from /proc."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_APP_VARIABLES = ("OPENAI_", "PLAYGROUND_", "STREAMLIT_", "DATABASE_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(**added: str) -> dict[str, str]:
    """Return the environment without variables that configure the apps, and with *added*."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(_APP_VARIABLES)}
    return {**variables, **added}


@contextmanager
def run_process(
    command: Sequence[str], env: Mapping[str, str], folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run *command* in *folder* for the duration of the block."""
    process = subprocess.Popen(
        command, env=dict(env), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(ready: Callable[[], bool], timeout: float = 60.0) -> None:
    """Poll *ready* every few milliseconds. Raises TimeoutError after *timeout* seconds."""
    end = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"Not ready after {timeout:g} s")
        time.sleep(0.005)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def process_tree(root: int) -> list[int]:
    """Return the process *root* and all its descendants."""
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    parents = {pid: int(fields[1]) for pid in pids if (fields := _stat_fields(pid))}
    tree = [root]
    for pid in tree:
        tree += [child for child, parent in parents.items() if parent == pid]
    return tree


def cpu_times(root: int) -> dict[int, float]:
    """Return the CPU time of each process of the tree so far, in ms."""
    times = {}
    for pid in process_tree(root):
        fields = _stat_fields(pid)
        times[pid] = (int(fields[11]) + int(fields[12])) * _TICK_MS if fields else 0.0
    return times


def cpu_since(root: int, before: Mapping[int, float]) -> float:
    """Return the CPU time of the tree since *before*, in ms, without processes that have ended since."""
    return sum(used - before.get(pid, 0.0) for pid, used in cpu_times(root).items())


def memory_mib(root: int) -> float:
    """Return the resident memory of the tree, in MiB."""
    pages = 0
    for pid in process_tree(root):
        fields = _read(pid, "statm").split()
        pages += int(fields[1]) if fields else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def suspend(root: int) -> Iterator[None]:
    """Suspend the tree for the duration of the block, like a laptop that is closed."""
    tree = process_tree(root)
    for pid in tree:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in tree:
            os.kill(pid, signal.SIGCONT)


def find_process(argument: str) -> int:
    """Return the first descendant of this process with *argument* in its command line."""
    descendants = process_tree(os.getpid())
    return next(pid for pid in descendants if argument.encode() in _read(pid, "cmdline").split(b"\0"))


def _read(pid: int, name: str) -> bytes:
    """Return the content of /proc/PID/*name*, empty if the process has ended."""
    try:
        return (_PROC / str(pid) / name).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _stat_fields(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat from the third on."""
    # The second field, the name of the program in parentheses, may contain spaces.
    return _read(pid, "stat").rpartition(b") ")[2].split()
