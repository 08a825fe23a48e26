"""Read the text of an uploaded file."""

from core.errors.types import PlaygroundError
from core.files.charset import detect_encoding
from core.tokens.tokenizer import MAX_TEXT_BYTES

EXTENSIONS = ("txt", "md", "csv", "json", "jsonl", "pdf")
# UTF-32 comes first: its little-endian mark starts with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SUPPORTED_HINT = f"Supported: {', '.join(EXTENSIONS)}."


def read_text(name: str, data: bytes) -> tuple[str, str]:
    """Return the text of the file and its encoding ("UTF-8", "cp949, detected", "PDF").

    Raises PlaygroundError for a file that is empty, too large, unsupported, or not text.
    """
    extension = name.rpartition(".")[2].lower()
    if extension not in EXTENSIONS:
        raise PlaygroundError(f"{name[-60:]!r} is not a supported file type.", _SUPPORTED_HINT)
    if not data.strip():
        raise PlaygroundError("The file is empty.", "Choose another file.")
    if len(data) > MAX_TEXT_BYTES:
        raise PlaygroundError(
            f"The file is larger than {MAX_TEXT_BYTES // 1024**2} MB.", "Use a smaller part of it."
        )
    if extension == "pdf" or data.startswith(b"%PDF-"):
        from core.files.pdf import extract_pdf_text

        return extract_pdf_text(data), "PDF"
    return decode_text(data)


def decode_text(data: bytes) -> tuple[str, str]:
    """Return the text of *data* and its encoding. Raises PlaygroundError if it is not text."""
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if marked is None and b"\0" in data:
        raise PlaygroundError("The file is not text.", "Choose a text file, saved as UTF-8.")
    try:
        # Hardly any text in another encoding is valid UTF-8.
        return data.decode(marked or "utf-8"), (marked or "utf-8").upper().removesuffix("-SIG")
    except UnicodeDecodeError:
        encoding = marked or detect_encoding(data)
    try:
        return data.decode(encoding), f"{encoding}, detected"
    except UnicodeDecodeError:
        raise PlaygroundError("The file's characters cannot be decoded.", "Save it as UTF-8.") from None
