"""Extract the text of a PDF in a subprocess, so that a malicious file can neither hang nor fill the app.

The subprocess is `python -m core.files.pdf`: it reads the file from standard input and writes JSON.
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
_TIMEOUT = 40.0
_MAX_MEMORY = 2 * 1024**3
_MAX_CHARACTERS = 10 * 1024 * 1024
_CONVERT_HINT = "Save it as text, or copy and paste its text."


def extract_pdf_text(data: bytes, timeout: float = _TIMEOUT) -> str:
    """Return the text of all pages of the PDF *data*.

    Raises PlaygroundError if it is damaged, password-protected, too long, or has no text (a scan).
    """
    command = [sys.executable, "-m", "core.files.pdf"]
    try:
        process = subprocess.run(
            command, input=data, capture_output=True, cwd=ROOT, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"The PDF could not be read within {timeout:.0f} seconds."
        raise PlaygroundError(message, "Use fewer pages of it.") from None
    if process.returncode:
        raise PlaygroundError("The PDF is damaged or needs too much memory.", _CONVERT_HINT)
    result = json.loads(process.stdout)
    if "error" in result:
        raise PlaygroundError(result["error"], result["hint"])
    return str(result["text"])


def _extract_text(data: bytes) -> str:
    """Raises PlaygroundError for a known problem, and anything else for a damaged file."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    # Many PDFs restrict printing or copying with an empty password, which opens them.
    if reader.is_encrypted and not reader.decrypt(""):
        raise PlaygroundError("The PDF is protected by a password.", "Save a copy without a password.")
    if len(reader.pages) > MAX_PAGES:
        raise PlaygroundError(f"The PDF has more than {MAX_PAGES:,} pages.", "Use a smaller part of it.")
    pages, size = [], 0
    for page in reader.pages:
        pages.append(page.extract_text())
        size += len(pages[-1])
        if size > _MAX_CHARACTERS:
            raise PlaygroundError("The PDF has more than 10 MB of text.", "Use a smaller part of it.")
    text = "\n\n".join(pages)
    if not text.strip():
        raise PlaygroundError("The PDF has no text, only images of it.", "Run text recognition (OCR) first.")
    return text


def main() -> None:
    logging.disable()  # pypdf logs every repair, for a malicious file without end
    with suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    try:
        result = {"text": _extract_text(sys.stdin.buffer.read())}
    except PlaygroundError as error:
        result = {"error": str(error), "hint": error.hint}
    except Exception as error:  # noqa: BLE001 - a damaged file can raise anything in pypdf
        result = {"error": f"The PDF cannot be read ({type(error).__name__}).", "hint": _CONVERT_HINT}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
