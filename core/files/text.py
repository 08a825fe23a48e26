"""The text of an uploaded file, or why there is none."""

from core.errors.types import PlaygroundError
from core.tokens.tokenizer import MAX_TEXT_BYTES

EXTENSIONS = ("txt", "md", "csv", "json", "jsonl", "pdf")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OTHERS = ("utf-8", "cp949", "cp1252")


def read_text(name: str, data: bytes) -> tuple[str, str]:
    """Return the text of the file and how it was read ("UTF-8", "cp949, by guess", "PDF").

    Raises PlaygroundError for a file that is empty, too large, of another kind, or no text.
    """
    suffix = name.rpartition(".")[2].lower()
    _check(name, suffix, data)
    if suffix == "pdf" or data.startswith(b"%PDF-"):
        from core.files.pdf import extract_pdf_text

        return extract_pdf_text(data), "PDF"
    return decode_text(data)


def _check(name: str, suffix: str, data: bytes) -> None:
    if suffix not in EXTENSIONS:
        raise PlaygroundError(
            f"{name[-60:]!r} is of a kind that is not read.", f"Take {', '.join(EXTENSIONS)}."
        )
    if not data.strip():
        raise PlaygroundError("The file is empty.", "Choose another.")
    if len(data) > MAX_TEXT_BYTES:
        raise PlaygroundError(
            f"The file is larger than {MAX_TEXT_BYTES // 1024**2} MB.", "Take a part of it."
        )


def decode_text(data: bytes) -> tuple[str, str]:
    """Return the text of *data* and how it was read. Raises PlaygroundError for what is no text."""
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    if marked is None and b"\0" in data:
        raise PlaygroundError("The file is not text.", f"Take {', '.join(EXTENSIONS)}.")
    for codec in [marked] if marked else _OTHERS:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        return text, _said(codec, bool(marked))
    raise PlaygroundError("The file's characters cannot be read.", "Save it as UTF-8.")


def _said(codec: str, marked: bool) -> str:
    if marked or codec == "utf-8":
        return codec.upper().removesuffix("-SIG")
    return f"{codec}, by guess: it is not UTF-8"
