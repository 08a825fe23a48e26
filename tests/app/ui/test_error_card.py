"""How a problem is told: the texts are a server's, so none of them is markup."""

from streamlit.testing.v1 import AppTest

from components.ui.markdown_escape import plain

MARKUP = "![x](http://evil.example/p) :material/home: <b> `code` $x$"


def script(markup: str) -> None:
    from components.ui.error_card import problem
    from core.errors.types import Explanation

    said = Explanation(markup, markup, f"Said {markup}", status=429, request_id=markup)
    problem(said, before="It failed:")


def test_shows_the_texts_of_a_server_as_they_are() -> None:
    app = AppTest.from_function(script, kwargs={"markup": MARKUP}).run()

    assert app.error[0].value == f"It failed: **{plain(MARKUP)}.** {plain(MARKUP)}"
    assert app.caption[0].value == plain(f"Said {MARKUP} · HTTP 429 · request {MARKUP}")
