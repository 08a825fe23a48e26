"""Repetitions of an extraction: how far they agree, Stop, Resume and a reload."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.sandbox.server import SandboxServer
from tests.app.conftest import OpenPage, choose_models
from tests.app.extractor.conftest import finish, press, server_with, state_of, text


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """The server of the app, whose latency a test sets."""
    with SandboxServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        yield server


def agreements(app: AppTest) -> list[str]:
    return [str(agreement) for agreement in app.table[0].value["Agreement"]]


def test_counts_how_far_repeated_extractions_agree(app: AppTest) -> None:
    app.number_input(key="extractor.runs").set_value(5).run()

    finish(press(app, "Send 5 requests"))

    frame = app.table[0].value
    assert len(frame) >= 4
    assert all("5 of 5" in agreement for agreement in frame["Agreement"])
    assert "Majority" in frame


def test_compares_the_repetitions_of_several_models(app: AppTest) -> None:
    app.number_input(key="extractor.runs").set_value(2)
    choose_models(app, "extractor.models", ["gpt-4o-mini"])

    finish(press(app, "Send 4 requests"))

    assert sorted(attempt.label for attempt in state_of(app).attempts) == [
        "gpt-4o-mini #1",
        "gpt-4o-mini #2",
        "gpt-6-luna #1",
        "gpt-6-luna #2",
    ]
    assert any("of 4" in agreement for agreement in agreements(app))


def test_stops_and_resumes_the_repetitions(server: SandboxServer, open_page: OpenPage) -> None:
    server.settings.update({"latency": "ttft=0.3"})
    app = open_page("extractor")
    app.number_input(key="extractor.runs").set_value(10).run()

    press(app, "Send 10 requests")
    finish(press(app, "Stop"))
    app.run()
    assert "Not finished: Consistency of NewsItem" in text(app).replace("**", "")
    stopped = len(state_of(app).attempts)
    assert stopped < 10

    server.settings.update({"latency": "ttft=0"})
    finish(press(app, "Resume"))

    assert len(state_of(app).attempts) == 10
    assert all("10 of 10" in agreement for agreement in agreements(app))


def test_shows_what_the_minority_has(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    item = {"title": "Bridge", "summary": "S", "sentiment": "positive", "keywords": []}
    with server_with(monkeypatch, item, {**item, "sentiment": "neutral"}, item):
        app = finish(press(open_page("extractor"), "Send 3 requests"))

        frame = app.table[0].value.set_index("Field")
        assert frame.loc["`sentiment`", "Majority"] == "positive"
        assert frame.loc["`sentiment`", "Other values"] == "neutral (1)"
        assert "2 of 3" in frame.loc["`sentiment`", "Agreement"]


def test_shows_the_repetitions_again_after_a_reload(app: AppTest, open_page: OpenPage) -> None:
    finish(press(app, "Send 3 requests"))
    app.run()

    again = open_page("extractor", **{name: "".join(value) for name, value in app.query_params.items()})

    assert agreements(again) == agreements(app)
    assert state_of(again).attempts == state_of(app).attempts
