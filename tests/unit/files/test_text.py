"""The text of a file is read, and a file without text is rejected with a reason."""

from io import BytesIO

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from core.errors.types import PlaygroundError
from core.files.pdf import extract_pdf_text
from core.files.text import read_text
from core.tokens.tokenizer import MAX_TEXT_BYTES


def pdf(text: str, password: str = "") -> bytes:
    """A PDF of one page with *text*."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font_object = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): font_object})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param("한글 text".encode(), "한글 text", "UTF-8", id="UTF-8"),
        pytest.param("한글".encode("utf-8-sig"), "한글", "UTF-8", id="UTF-8 with a byte order mark"),
        pytest.param("한글".encode("utf-16"), "한글", "UTF-16", id="UTF-16"),
        pytest.param("한글 문서".encode("cp949"), "한글 문서", "cp949, detected", id="Korean Windows"),
    ],
)
def test_reads_text_in_common_encodings(data: bytes, text: str, encoding: str) -> None:
    assert read_text("notes.MD", data) == (text, encoding)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        pytest.param("a.docx", b"PK", "not a supported file type", id="file type"),
        pytest.param("a.txt", b" \n", "empty", id="empty"),
        pytest.param("a.txt", b"a\0b", "not text", id="binary"),
        pytest.param("a.txt", b"a" * (MAX_TEXT_BYTES + 1), "larger than 10 MB", id="large"),
        pytest.param("a.txt", b"\xff\xfe\x00\xd8", "cannot be decoded", id="half a character"),
        pytest.param("a.pdf", b"%PDF-1.7 nothing", "cannot be read", id="damaged"),
        pytest.param("a.pdf", pdf(""), "no text", id="a scan"),
        pytest.param("a.pdf", pdf("secret", "hunter2"), "password", id="protected"),
    ],
)
def test_gives_the_reason_why_a_file_has_no_text(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(PlaygroundError, match=reason):
        read_text(name, data)


def test_reads_the_text_of_a_pdf() -> None:
    assert read_text("a.pdf", pdf("Hello from a page"))[0].strip() == "Hello from a page"


def test_stops_a_pdf_that_takes_too_long() -> None:
    with pytest.raises(PlaygroundError, match="within 0 seconds"):
        extract_pdf_text(pdf("slow"), timeout=0.001)
