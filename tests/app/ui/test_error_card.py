"""The error card: texts of a server are never rendered as markup."""

from streamlit.testing.v1 import AppTest

from components.ui.markdown_escape import escape_markdown

MARKUP = "![x](http://evil.example/p) :material/home: <b> `code` $x$"


def script(markup: str) -> None:
    from components.ui.error_card import error_card
    from core.errors.types import Explanation

    explanation = Explanation(markup, markup, f"Said {markup}", status=429, request_id=markup)
    error_card(explanation, prefix="It failed:")


def simulated_script() -> None:
    from components.ui.error_card import error_card
    from core.errors.types import Explanation

    error_card(Explanation("Rate limited", "Wait", simulated=True))


def test_marks_an_error_that_was_simulated() -> None:
    app = AppTest.from_function(simulated_script, default_timeout=30).run()

    assert app.error[0].value == "**Rate limited.** Wait :orange-badge[simulated]"


def test_escapes_every_text_of_the_server() -> None:
    app = AppTest.from_function(script, default_timeout=30, kwargs={"markup": MARKUP}).run()

    assert app.error[0].value == f"It failed: **{escape_markdown(MARKUP)}.** {escape_markdown(MARKUP)}"
    assert app.caption[0].value == escape_markdown(f"Said {MARKUP} · HTTP 429 · request {MARKUP}")
