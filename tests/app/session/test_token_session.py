"""The token session analyses an input once, and computes each panel once, however often the page reruns."""

from components.session.token_session import AnalysisError, TokenSession
from core.token_analysis.analysis import EncodingOptions, TokenAnalysis


def analysis_of(token_session: TokenSession) -> TokenAnalysis:
    analysis = token_session.analysis()
    assert not isinstance(analysis, AnalysisError)
    return analysis


def test_computes_a_panel_again_only_for_other_inputs() -> None:
    token_session, computed = TokenSession(), []

    for inputs in (1, 1, 2, 2, 1):
        analysis = analysis_of(token_session)
        token_session.panel_cache.get_or_compute("panel", analysis, inputs, lambda: computed.append("again"))

    assert len(computed) == 3


def test_computes_a_panel_again_for_another_text() -> None:
    token_session = TokenSession()

    def length() -> int:
        analysis = analysis_of(token_session)
        return token_session.panel_cache.get_or_compute("panel", analysis, None, lambda: len(analysis.text))

    token_session.replace_text("text", "four")
    four = length()
    token_session.replace_text("text", "seven!!")
    seven = length()
    token_session.select("text", EncodingOptions(encoding="cl100k_base"))

    assert (four, seven, length()) == (4, 7, 7)


def test_stores_the_results_of_panels_separately() -> None:
    token_session = TokenSession()
    analysis = analysis_of(token_session)

    token_session.panel_cache.get_or_compute("first", analysis, None, lambda: "result of the first")

    second = token_session.panel_cache.get_or_compute(
        "second", analysis, None, lambda: "result of the second"
    )
    assert second == "result of the second"
