"""Processes of ours: started, watched through /proc, frozen and ended."""

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
_OURS = ("OPENAI_", "PLAYGROUND_", "STREAMLIT_", "DATABASE_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(**added: str) -> dict[str, str]:
    """The environment of a newcomer, with *added*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, **added}


@contextmanager
def run_process(
    command: Sequence[str], env: Mapping[str, str], folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run *command* in *folder* as long as the block lasts."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=dict(env), cwd=folder, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(ready: Callable[[], bool], patience: float = 60.0) -> None:
    """Ask every few milliseconds. Raises TimeoutError after *patience* seconds."""
    end = time.monotonic() + patience
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"Nothing is ready after {patience:g} s")
        time.sleep(0.005)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def process_tree(root: int) -> list[int]:
    """The process *root* and all that descend from it."""
    parents = {pid: parent for pid in _pids() if (parent := _parent(pid)) is not None}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_times(root: int) -> dict[int, float]:
    """The CPU time of each process of the tree so far, in ms."""
    return {pid: _cpu(pid) for pid in process_tree(root)}


def cpu_since(root: int, before: Mapping[int, float]) -> float:
    """What the tree used since *before*, in ms; processes that have ended since are not counted."""
    return sum(used - before.get(pid, 0.0) for pid, used in cpu_times(root).items())


def memory_mib(root: int) -> float:
    """The memory of the tree, in MiB."""
    return sum(_resident(pid) for pid in process_tree(root))


@contextmanager
def suspend(root: int) -> Iterator[None]:
    """Stop the tree as closing a laptop would, and let it go on after the block."""
    stopped = process_tree(root)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def find_process(mark: str) -> int:
    """The first process below this one that was started with the argument *mark*."""
    return next(
        pid for pid in process_tree(os.getpid()) if mark.encode() in _read(pid, "cmdline").split(b"\0")
    )


def _pids() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    try:
        return (_PROC / str(pid) / name).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _stat(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat from the third on; the second may hold spaces."""
    return _read(pid, "stat").rpartition(b") ")[2].split()


def _parent(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) * _TICK_MS if fields else 0.0


def _resident(pid: int) -> float:
    fields = _read(pid, "statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20 if fields else 0.0
