"""Run the code that the app shows, as a person would who has copied it into an empty folder."""

import atexit
import json
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

from core.snippets import Snippet
from tests import script_server

_TIMEOUT = 120


def run_snippet(snippet: Snippet, folder: Path, stdin: str = "", **environ: str) -> str:
    """Return what *snippet* prints in *folder*, with no environment but *environ* and PATH.

    It must end without an error, and without a warning of Python.
    """
    folder.mkdir(exist_ok=True)
    for file in snippet.files:
        (folder / file.name).write_bytes(file.content)
    if snippet.language == "python":
        return run_python(snippet.source, folder, stdin, **environ)
    (folder / "script.sh").write_text(snippet.source, encoding="utf-8")
    result = subprocess.run(
        ["sh", "script.sh"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environ},
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=_TIMEOUT,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def run_python(source: str, folder: Path, stdin: str = "", **environ: str) -> str:
    """Like `run_snippet`, for Python code that reads no files."""
    (folder / "script.py").write_text(source, encoding="utf-8")
    streams = [folder / f".{name}" for name in ("stdin", "stdout", "stderr")]
    for stream, text in zip(streams, (stdin, "", ""), strict=True):
        stream.write_text(text, encoding="utf-8")
    code = _run_in_server(
        script=str(folder / "script.py"),
        folder=str(folder),
        environ={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **environ},
        streams=[str(stream) for stream in streams],
    )
    stdout, stderr = (stream.read_text(encoding="utf-8") for stream in streams[1:])
    for stream in streams:
        stream.unlink()
    assert code == 0, stderr
    # The programs that it starts may log something.
    assert "Warning:" not in stderr, stderr
    assert "Traceback" not in stderr, stderr
    return stdout


def _run_in_server(**request: object) -> int:
    server = _server()
    assert server.stdin
    assert server.stdout
    try:
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        return int(server.stdout.readline())
    except BaseException:  # such as a time-out of the test, whose script must not go on
        _server.cache_clear()
        os.killpg(server.pid, signal.SIGKILL)
        raise


@cache
def _server() -> "subprocess.Popen[str]":
    server = subprocess.Popen(
        [sys.executable, "-X", "utf8", script_server.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    atexit.register(server.communicate)
    return server
