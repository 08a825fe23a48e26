"""The sheet reads and works out once what is asked for again at every rerun."""

from components.session.token_session import Problem, Sheet
from core.tokens.analysis import Choice, Reading


def reading_of(sheet: Sheet) -> Reading:
    found = sheet.reading()
    assert not isinstance(found, Problem)
    return found


def test_works_out_once_what_is_asked_for_again() -> None:
    sheet, made = Sheet(), []

    for inputs in (1, 1, 2, 2, 1):
        sheet.worked_out("panel", reading_of(sheet), inputs, lambda: made.append("anew"))

    assert len(made) == 3


def test_works_out_anew_what_another_text_gives() -> None:
    sheet = Sheet()

    def length() -> int:
        found = reading_of(sheet)
        return sheet.worked_out("panel", found, None, lambda: len(found.text))

    sheet.put("text", "four")
    four = length()
    sheet.put("text", "seven!!")
    seven = length()
    sheet.choose("text", Choice(encoding="cl100k_base"))

    assert (four, seven, length()) == (4, 7, 7)


def test_keeps_the_panels_apart() -> None:
    sheet = Sheet()
    found = reading_of(sheet)

    sheet.worked_out("one", found, None, lambda: "one's")

    assert sheet.worked_out("other", found, None, lambda: "other's") == "other's"
