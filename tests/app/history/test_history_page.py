"""The History page, with runs in the database of the app."""

from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.errors.types import Explanation
from core.history.filter import HistoryFilter
from core.history.repository import HistoryRepository
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage


def save_run(prompt: str, reply: str = "Hi", **fields: object) -> Run:
    params = {"model": "gpt-5.4", "messages": [{"role": "user", "content": prompt}]}
    values = {"state": RunState.DONE, "text": reply, "profile": "Closed server", **fields}
    run = Run("chat", "chat.completions.create", params, **values)  # type: ignore[arg-type]
    RunRepository(resources.store()).save(run)
    return run


def summary(app: AppTest) -> str:
    assert not app.exception
    return next((caption.value for caption in app.main.caption if "Select one" in caption.value), "")


def test_says_that_there_are_no_runs(open_page: OpenPage) -> None:
    app = open_page("history")

    assert "No runs yet" in app.main.info[0].value


def test_searches_filters_deletes_and_restores(open_page: OpenPage) -> None:
    save_run("서울 날씨는?", "맑음")
    save_run("Hello")
    save_run("Fail", "", state=RunState.FAILED, error=Explanation("Rate limit reached", "Wait.", "429"))

    app = open_page("history")
    assert summary(app).startswith("3 runs.")
    app.text_input(key="history.search").set_value("날씨").run()
    assert summary(app).startswith("1 run.")
    app.text_input(key="history.search").set_value("").run()
    app.multiselect(key="history.filter.states").set_value([RunState.FAILED]).run()
    assert summary(app).startswith("1 run.")

    app.button(key="history.delete").click().run()
    assert "No runs match these filters" in app.main.info[0].value
    app.button(key="history.reset").click().run()
    assert summary(app).startswith("2 runs.")
    app.button(key="history.undo").click().run()
    assert summary(app).startswith("3 runs.")


def test_shows_texts_that_start_like_a_formula_unchanged(open_page: OpenPage) -> None:
    run = save_run("=1+1", "- dana.lee@example.com")
    HistoryRepository(resources.store()).set_tags(run.id, ["@mail"])

    table = open_page("history").main.dataframe[0].value

    assert list(table["Prompt"]) == ["=1+1"]
    assert list(table["Reply"]) == ["- dana.lee@example.com"]
    assert [list(tags) for tags in table["Tags"]] == [["@mail"]]


def test_shows_and_annotates_the_run_in_the_url(open_page: OpenPage) -> None:
    run = save_run("Hello")

    app = open_page("history", run=run.id)
    app.multiselect(key=f"history.tags.{run.id}").set_value(["good"]).run()
    app.text_input(key=f"history.note.{run.id}").set_value("Check it.").run()

    assert not app.exception
    assert "Closed server" in app.main.markdown[0].value
    entry = HistoryRepository(resources.store()).list(HistoryFilter())[0]
    assert (entry.tags, entry.note) == (("good",), "Check it.")
    app.button(key=f"history.chat.{run.id}").click().run()
    assert not app.exception


def test_draws_each_figure_of_the_dashboard(open_page: OpenPage) -> None:
    save_run("Hello", total=1.5)
    app = open_page("history")

    app.session_state["history.tab"] = "Dashboard"
    for figure in ("Cost", "Tokens", "Requests", "Errors", "Latency"):
        app.session_state["history.figure"] = figure
        app.run()
        assert not app.exception
        assert len(app.get("vega_lite_chart")) + len(app.get("arrow_vega_lite_chart")) == 1
