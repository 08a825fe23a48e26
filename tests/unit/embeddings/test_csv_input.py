"""Texts from CSV files in several encodings and with several delimiters."""

import pytest

from core.embeddings.csv_input import column_names, from_csv
from core.embeddings.inputs import InputText
from core.errors.types import PlaygroundError


@pytest.mark.parametrize(
    "data",
    [
        'label,text\na,안녕\n,\nb,"two\nlines"\n'.encode(),
        '\ufefflabel;text\na;안녕\n;\nb;"two\nlines"\n'.encode(),
        'label\ttext\na\t안녕\n\t\nb\t"two\nlines"\n'.encode("cp949"),
        'label,text\na,안녕\n,\nb,"two\nlines"\n'.encode("utf-16"),
    ],
    ids=["utf-8", "semicolons and a byte order mark", "tabs in cp949", "utf-16"],
)
def test_reads_a_column_of_a_csv_file(data: bytes) -> None:
    assert column_names(data) == ["label", "text"]
    inputs, warnings = from_csv(data, 1, 0)
    assert inputs == [InputText(2, "안녕", "a"), InputText(4, "two\nlines", "b")]
    assert warnings[0].line == 3


def test_reads_cp1252_and_distinguishes_columns_of_the_same_name() -> None:
    inputs, _ = from_csv("text,text\nun,café ñ\n".encode("cp1252"), 1)
    assert inputs == [InputText(2, "café ñ")]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\xff"], ids=["empty", "blank", "jpeg"]
)
def test_rejects_what_is_not_a_csv_file_with_a_header(data: bytes) -> None:
    with pytest.raises(PlaygroundError):
        column_names(data)
