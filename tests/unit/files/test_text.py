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


TEXTS = {
    "cp949": [
        "안녕",
        "한글 문서",
        "똠방각하 펲시콜라",
        "이름,나이,도시\n김철수,30,서울\n",
        "Product: 노트북, price 1,200,000원 (VAT 포함)",
        "`max_completion_tokens`가 추론을 포함한 답의 길이를 제한합니다.",
        "동해물과 백두산이 마르고 닳도록 하느님이 보우하사 우리나라 만세",
    ],
    "cp932": [
        "で",
        "名前",
        "日本語",
        "こんにちは",
        "ノートパソコン",
        "①株式会社㈱テスト",
        "資料を印刷して持って来てください",
        "名前,年齢,都市\n田中太郎,30,東京\n",
        "Product: ノートPC, price 120,000円",
        "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    ],
    "cp1252": [
        "Ça",
        "café",
        "Größe",
        "100 µm ± 5 µm",
        "Temp 20°C",
        "50 % – £3 · §5",
        "“Price”: 5 €",
        "Ångström på Åland",
        "São João, coração",
        "El niño comió piñas mañana",
        "hyvää päivää, mitä kuuluu",
        "Der Fluß ist über die Ufer getreten.",
        "Voilà l’été à Genève, où l’on déguste des crêpes.",
    ],
    "cp1250": ["Każdy człowiek ma prawo do życia, wolności i bezpieczeństwa swojej osoby."],
    "cp1251": ["Все люди рождаются свободными и равными в своем достоинстве и правах."],
    "cp1253": ["Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι."],
    "euc_jp": ["今日は天気がとても良いです。明日は雨が降るでしょう。"],
    "gb18030": ["人人生而自由，在尊严和权利上一律平等。"],
    "big5": ["人人生而自由，在尊嚴及權利上均各平等。"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(encoding, text) for encoding, texts in TEXTS.items() for text in texts]
)
def test_detects_the_encoding_of_a_text_without_a_mark(encoding: str, text: str) -> None:
    assert read_text("a.txt", text.encode(encoding)) == (text, f"{encoding}, detected")


@pytest.mark.parametrize("text", [text for texts in TEXTS.values() for text in texts])
def test_reads_every_text_as_utf_8_first(text: str) -> None:
    assert read_text("a.txt", text.encode()) == (text, "UTF-8")


@pytest.mark.parametrize("encoding", ["cp949", "cp932", "cp1252"])
def test_detects_the_encoding_of_a_text_whose_beginning_is_ascii(encoding: str) -> None:
    text = "id,value\n" * 20_000 + TEXTS[encoding][-1]

    assert read_text("a.csv", text.encode(encoding))[0] == text


def test_rejects_bytes_that_no_encoding_has() -> None:
    with pytest.raises(PlaygroundError, match="cannot be decoded"):
        read_text("a.txt", b"caf\xe9 \x81 and a \x8d")


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
