"""The drawer of a run: what a server said is shown to the letter, and is never markup."""

import pytest
from streamlit.testing.v1 import AppTest

from components import process
from core.errors import Explanation
from core.history import Runs
from core.runs import Event, Run, RunState

MARKUP = "![x](http://evil.example/p)"


@pytest.fixture
def runs() -> Runs:
    return Runs(process.store(), "local")


def script(run_id: str) -> None:
    from components import inspector

    inspector.show(run_id)


def inspected(runs: Runs, run: Run, *events: Event) -> AppTest:
    runs.start(run)
    runs.append_events(run.id, list(events))
    return AppTest.from_function(script, kwargs={"run_id": run.id}).run()


def test_escapes_what_a_server_said(runs: Runs) -> None:
    run = Run(
        "chat",
        "chat.completions.create",
        {"model": MARKUP, "messages": []},
        state=RunState.FAILED,
        headers={"x-request-id": MARKUP},
        error=Explanation(MARKUP, MARKUP),
    )

    app = inspected(runs, run)

    assert not app.exception
    assert not any(MARKUP in element.value for element in (*app.error, *app.caption, *app.markdown))
    assert f"x-request-id: {MARKUP}" in [code.value for code in app.code]


def test_says_that_a_run_is_gone() -> None:
    app = AppTest.from_function(script, kwargs={"run_id": "nowhere"}).run()

    assert "no longer" in app.info[0].value
