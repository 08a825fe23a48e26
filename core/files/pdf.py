"""Read the text of a PDF in a process of its own: what a hostile file does there ends with it.

Run as `python -m core.files.pdf`, it reads the file from standard input and writes JSON.
"""

import json
import logging
import subprocess
import sys
from contextlib import suppress
from io import BytesIO

from core.errors.types import PlaygroundError
from core.paths import ROOT

MAX_PAGES = 3_000
_PATIENCE = 40.0
_MOST_MEMORY = 2 * 1024**3
_MOST_TEXT = 10 * 1024 * 1024
_CONVERT = "Save it as text, or copy the text and paste it."


def extract_pdf_text(data: bytes, timeout: float = _PATIENCE) -> str:
    """Return the text of the PDF in *data*, page after page.

    Raises PlaygroundError for one that is damaged, protected, too long, or has no text (a scan).
    """
    command = [sys.executable, "-m", "core.files.pdf"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, cwd=ROOT, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"The PDF could not be read within {timeout:.0f} seconds."
        raise PlaygroundError(message, "Take fewer pages of it.") from None
    if done.returncode:
        raise PlaygroundError("The PDF is damaged, or needs more memory than it may have.", _CONVERT)
    answer = json.loads(done.stdout)
    if "problem" in answer:
        raise PlaygroundError(answer["problem"], answer["hint"])
    return str(answer["text"])


def _extract(data: bytes) -> str:
    """Raises PlaygroundError for what can be told of the file, and anything for a damaged one."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise PlaygroundError("The PDF is protected by a password.", "Save a copy without one.")
    if len(reader.pages) > MAX_PAGES:
        raise PlaygroundError(f"The PDF has more than {MAX_PAGES:,} pages.", "Take a part of it.")
    pages, size = [], 0
    for page in reader.pages:
        pages.append(page.extract_text())
        size += len(pages[-1])
        if size > _MOST_TEXT:
            raise PlaygroundError("The PDF holds more than 10 MB of text.", "Take a part of it.")
    text = "\n\n".join(pages)
    if not text.strip():
        raise PlaygroundError(
            "The PDF has no text, only pictures of it.", "Run text recognition on it first."
        )
    return text


def _answer(data: bytes) -> dict[str, str]:
    try:
        return {"text": _extract(data)}
    except PlaygroundError as problem:
        return {"problem": str(problem), "hint": problem.hint}
    except Exception as error:  # noqa: BLE001 - a damaged file fails anywhere in the library
        return {"problem": f"The PDF cannot be read ({type(error).__name__}).", "hint": _CONVERT}


def _limit_memory() -> None:
    with suppress(ImportError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def main() -> None:
    logging.disable()  # the library tells what it repaired
    _limit_memory()
    answer = json.dumps(_answer(sys.stdin.buffer.read()))
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
