"""The Python code in replies written in advance: it runs, and prints what its comments say."""

import json
import re
import subprocess
import sys
from pathlib import Path

from core.sandbox.replies.conversation.scripts import load_scripts
from core.sandbox.replies.language.detection import Language

# Code that waits for somebody, draws chances, or needs a file, a network or a package of others.
_NOT_RUN = re.compile(
    r"\binput\(|people\.csv|sys\.stdin|\bOpenAI\(|\burlopen\("
    r"|^(?:import|from) (?:sklearn|pandas|numpy|flask|fastapi|requests|pytest|bs4|bank)\b",
    re.MULTILINE,
)
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
_EXPECTED = re.compile(r"^\s*print\(.*\)  # (.+)$|^# ([\[(\d].*)$", re.MULTILINE)
# One process runs all blocks, because each process takes a tenth of a second to start.
_RUN = """
import contextlib, io, json, sys, traceback
results = {}
for name, code in json.load(sys.stdin).items():
    output, error = io.StringIO(), ""
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(code, name, "exec"), {"__name__": "__main__"})
        except BaseException:
            error = traceback.format_exc(limit=-1)
    results[name] = (error, output.getvalue())
print(json.dumps(results))
"""


def code_blocks() -> dict[str, str]:
    """Return the Python code of all scripts by name."""
    return {
        f"{language} {script.name} {number}.{position}": code
        for language in Language
        for script in load_scripts(language)
        for number, text in enumerate(script.texts, 1)
        for position, code in enumerate(_BLOCK.findall(text), 1)
    }


def test_compiles() -> None:
    errors = {}
    for name, code in code_blocks().items():
        try:
            compile(code, name, "exec")
        except SyntaxError as error:
            errors[name] = str(error)

    assert errors == {}


def test_prints_what_its_comments_say(tmp_path: Path) -> None:
    blocks = {name: code for name, code in code_blocks().items() if not _NOT_RUN.search(code)}
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-c", _RUN],
        input=json.dumps(blocks),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    failures = []
    for name, (error, output) in json.loads(done.stdout).items():
        lines = [line.strip() for line in output.splitlines()]
        expected = ["".join(groups).strip() for groups in _EXPECTED.findall(blocks[name])]
        missing = [line for line in expected if line not in lines]
        if error or missing:
            failures.append(f"{name}: {error[-300:]} {missing} not in {lines[:10]}")
    assert len(blocks) > 100
    assert failures == []
