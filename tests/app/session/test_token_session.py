"""The sheet reads and works out once what is asked for again at every rerun."""

from components.session.token_session import AnalysisError, TokenSession
from core.tokens.analysis import EncodingOptions, TokenAnalysis


def reading_of(sheet: TokenSession) -> TokenAnalysis:
    found = sheet.analysis()
    assert not isinstance(found, AnalysisError)
    return found


def test_works_out_once_what_is_asked_for_again() -> None:
    sheet, made = TokenSession(), []

    for inputs in (1, 1, 2, 2, 1):
        sheet.memoised("panel", reading_of(sheet), inputs, lambda: made.append("anew"))

    assert len(made) == 3


def test_works_out_anew_what_another_text_gives() -> None:
    sheet = TokenSession()

    def length() -> int:
        found = reading_of(sheet)
        return sheet.memoised("panel", found, None, lambda: len(found.text))

    sheet.replace_text("text", "four")
    four = length()
    sheet.replace_text("text", "seven!!")
    seven = length()
    sheet.select("text", EncodingOptions(encoding="cl100k_base"))

    assert (four, seven, length()) == (4, 7, 7)


def test_keeps_the_panels_apart() -> None:
    sheet = TokenSession()
    found = reading_of(sheet)

    sheet.memoised("one", found, None, lambda: "one's")

    assert sheet.memoised("other", found, None, lambda: "other's") == "other's"
