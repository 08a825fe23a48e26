"""A file's text is read, and a file without any is told by its reason."""

from io import BytesIO

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from core.errors.types import PlaygroundError
from core.files.pdf import extract_pdf_text
from core.files.text import read_text
from core.tokens.tokenizer import MAX_TEXT_BYTES


def pdf(text: str, password: str = "") -> bytes:
    """A page that says *text*."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): named})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "text", "how"),
    [
        pytest.param("한글 text".encode(), "한글 text", "UTF-8", id="UTF-8"),
        pytest.param("한글".encode("utf-8-sig"), "한글", "UTF-8", id="with a mark"),
        pytest.param("한글".encode("utf-16"), "한글", "UTF-16", id="UTF-16"),
        pytest.param(
            "한글 문서".encode("cp949"), "한글 문서", "cp949, by guess: it is not UTF-8", id="Korean Windows"
        ),
    ],
)
def test_reads_text_however_it_was_saved(data: bytes, text: str, how: str) -> None:
    assert read_text("notes.MD", data) == (text, how)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        pytest.param("a.docx", b"PK", "kind that is not read", id="kind"),
        pytest.param("a.txt", b" \n", "empty", id="empty"),
        pytest.param("a.txt", b"a\0b", "not text", id="binary"),
        pytest.param("a.txt", b"a" * (MAX_TEXT_BYTES + 1), "larger than 10 MB", id="large"),
        pytest.param("a.txt", b"\xff\xfe\x00\xd8", "cannot be read", id="half a character"),
        pytest.param("a.pdf", b"%PDF-1.7 nothing", "cannot be read", id="damaged"),
        pytest.param("a.pdf", pdf(""), "no text", id="a scan"),
        pytest.param("a.pdf", pdf("secret", "hunter2"), "password", id="protected"),
    ],
)
def test_says_why_a_file_has_no_text(name: str, data: bytes, says: str) -> None:
    with pytest.raises(PlaygroundError, match=says):
        read_text(name, data)


def test_reads_the_text_of_a_pdf() -> None:
    assert read_text("a.pdf", pdf("Hello from a page"))[0].strip() == "Hello from a page"


def test_gives_up_a_pdf_that_takes_too_long() -> None:
    with pytest.raises(PlaygroundError, match="within 0 seconds"):
        extract_pdf_text(pdf("slow"), timeout=0.001)
