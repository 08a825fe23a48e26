"""The run inspector: server texts are escaped, and stream events are drawn over time."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.errors.types import Explanation
from core.runs.run import Event, Run, RunState
from core.server_kind import ServerKind
from core.storage.run_repository import RunRepository

MARKUP = "![x](http://evil.example/p)"


@pytest.fixture
def runs() -> RunRepository:
    return RunRepository(resources.store(), "local")


def script(run_id: str) -> None:
    from components.ui.inspector import run_inspector

    run_inspector.show(run_id)


def inspect(runs: RunRepository, run: Run, *events: Event) -> AppTest:
    runs.save(run)
    runs.append_events(run.id, list(events))
    app = AppTest.from_function(script, default_timeout=60, kwargs={"run_id": run.id})
    app.session_state["inspector.tabs"] = "Events"
    return app.run()


def test_escapes_the_texts_of_a_server(runs: RunRepository) -> None:
    run = Run(
        "chat",
        "chat.completions.create",
        {"model": MARKUP, "messages": []},
        state=RunState.FAILED,
        headers={"x-request-id": MARKUP},
        error=Explanation(MARKUP, MARKUP),
    )

    app = inspect(runs, run)

    assert not app.exception
    assert not any(MARKUP in element.value for element in (*app.error, *app.caption, *app.markdown))
    assert f"x-request-id: {MARKUP}" in [code.value for code in app.code]


def chunk(at: float, content: str) -> Event:
    return Event(at, "chunk", json.dumps({"choices": [{"index": 0, "delta": {"content": content}}]}))


def test_draws_the_arrival_of_the_chunks(runs: RunRepository) -> None:
    run = Run("chat", "chat.completions.create", {"messages": [], "stream": True})

    app = inspect(runs, run, chunk(0.1, ""), chunk(0.25, "Hel"), chunk(1.5, "lo"))

    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("First token", "250 ms"),
        ("Longest gap", "1,250 ms"),
        ("Events", "3"),
    ]
    (chart,) = app.get("vega_lite_chart")
    assert chart.proto.alt == (
        "Chunks received over time: first token 250 ms, longest gap 1,250 ms, events 3"
    )


def test_lists_the_events_in_columns(runs: RunRepository) -> None:
    run = Run("chat", "chat.completions.create", {"messages": [], "stream": True})

    app = inspect(runs, run, chunk(0.1, "=1+1"), chunk(0.25, "lo"))

    assert not app.exception
    table = app.dataframe[0].value
    assert list(table.columns) == ["ms", "gap", "event", "delta", "finish reason"]
    assert table["ms"].tolist() == [100.0, 250.0]
    assert table["gap"].tolist() == [100.0, 150.0]
    assert table["delta"].tolist() == ["'=1+1", "lo"]


def test_lists_all_of_10000_events(runs: RunRepository) -> None:
    run = Run("chat", "chat.completions.create", {"messages": [], "stream": True})

    app = inspect(runs, run, *(chunk(number / 1000, f"{number}") for number in range(10_000)))

    assert not app.exception
    assert app.dataframe[0].value["delta"].tolist()[-1] == "9999"


def test_shows_the_data_of_the_selected_event_beside_the_table(runs: RunRepository) -> None:
    run = Run("chat", "chat.completions.create", {"messages": [], "stream": True})
    app = inspect(runs, run, chunk(0.1, "Hel"), chunk(0.25, "lo"))
    assert not any('"content": "lo"' in code.value for code in app.code)

    app.session_state[f"inspector.events.{run.id}"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()

    table, data = app.columns[-2:]
    assert len(table.dataframe) == 1
    assert any('"content": "lo"' in code.value for code in data.code)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (RunState.RUNNING, "No events yet. They are saved at most a second after"),
        (RunState.DONE, "No events were"),
    ],
)
def test_says_whether_events_are_still_to_come(runs: RunRepository, state: RunState, text: str) -> None:
    app = inspect(runs, Run("batches", "chat.completions.create", {"messages": []}, state=state))

    assert any(info.value.startswith(text) for info in app.info)


def test_draws_no_timeline_for_a_reply_that_was_not_streamed(runs: RunRepository) -> None:
    app = inspect(runs, Run("chat", "chat.completions.create", {"messages": []}), chunk(0.1, "Hello"))

    assert not app.metric
    assert not app.get("vega_lite_chart")


def code_of(app: AppTest) -> str:
    return "\n".join(code.value for code in app.code if "OpenAI(" in code.value)


@pytest.mark.parametrize(
    ("base_url", "server_kind"),
    [
        pytest.param("http://127.0.0.1:1/v1", "sandbox", id="a sandbox with another port"),
        pytest.param("", None, id="an imported run"),
    ],
)
def test_writes_code_for_the_sandbox_that_runs_now(
    runs: RunRepository, base_url: str, server_kind: ServerKind | None
) -> None:
    run = Run("chat", "chat.completions.create", {"messages": []}, base_url=base_url, server_kind=server_kind)

    code = code_of(inspect(runs, run))

    assert f'api_key="sandbox", base_url="{resources.sandbox().url}"' in code


def test_writes_code_for_another_server_without_a_key(runs: RunRepository) -> None:
    run = Run("chat", "chat.completions.create", {"messages": []}, base_url="https://ai.example.org/v1")

    code = code_of(inspect(runs, run))

    assert 'api_key=os.environ["OPENAI_API_KEY"], base_url="https://ai.example.org/v1"' in code


def test_reports_a_run_that_does_not_exist() -> None:
    app = AppTest.from_function(script, default_timeout=30, kwargs={"run_id": "nowhere"}).run()

    assert "no longer" in app.info[0].value
