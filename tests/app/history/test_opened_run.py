"""Runs that History opens on the pages they came from."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.history.origins import ORIGINS, find_origin
from components.runtime import resources
from components.session import repositories
from core.completions.request import ChatSettings
from core.extractor.request import Extraction, Method, build_request, new_call
from core.json_schema.schema import SchemaDocument
from core.paths import ROOT
from core.resilience.failures.scenarios import SCENARIOS
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage, model_fields

CITY = SchemaDocument(
    "City",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    },
)


def save_run(capability: str, endpoint: str, params: dict[str, Any], **fields: Any) -> Run:
    run = replace(Run(capability, endpoint, params, state=RunState.DONE), **fields)
    RunRepository(resources.store()).save(run)
    return run


def test_shows_the_texts_and_the_model_of_embeddings(open_page: OpenPage) -> None:
    params = {"model": "text-embedding-3-large", "input": ["서울\n날씨", "Hello"], "dimensions": 256}
    run = save_run("embeddings", "embeddings.create", params)

    app = open_page("embeddings", run=run.id)

    assert not app.exception
    assert not app.warning
    assert app.text_area(key="embeddings.text").value == "서울 날씨\nHello"
    assert model_fields(app)["Models"] == ["text-embedding-3-large"]
    assert app.multiselect(key="embeddings.dimensions").value == ["256"]
    assert "run" not in app.query_params


def test_opens_a_request_of_the_responses_api_in_chat_and_in_tokens(open_page: OpenPage) -> None:
    params = {"model": "gpt-5.4", "instructions": "Be brief.", "input": "비", "max_output_tokens": 99}
    run = save_run("batches", "responses.create", params)

    app = open_page("history", run=run.id)
    app.button(key=f"history.chat.{run.id}").click().run()

    assert not app.exception
    labels = [button.label.replace("\\", "") for button in app.button]
    assert {"Responses API", "Instructions: Be brief."} <= {*labels}
    assert "Max completion tokens 99" in labels

    app = open_page("history", run=run.id)
    app.button(key=f"history.tokens.{run.id}").click().run()

    assert app.segmented_control(key="tokens.api").value == "responses"


@pytest.mark.parametrize("method", ["json_schema", "json_object"])
def test_shows_an_extraction_with_its_schema(open_page: OpenPage, method: Method) -> None:
    extraction = Extraction(CITY, "Seoul is large.", method)
    params = build_request(extraction, ChatSettings(model="gpt-5.4"))
    run = save_run(
        "extractor", new_call(method, "chat.completions").endpoint, params, text='{"name": "Seoul"}'
    )

    app = open_page("extractor", run=run.id)

    assert not app.exception
    assert app.text_area(key="extractor.text").value == "Seoul is large."
    state = app.session_state["object.components.extractor.session.ExtractorSession"]
    assert state.document.schema == CITY.schema
    assert [(attempt.label, attempt.run_id) for attempt in state.attempts] == [(method, run.id)]


def test_opens_the_lab_with_the_failure_of_a_run(open_page: OpenPage) -> None:
    scenario = SCENARIOS[-1]
    params = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "Hi"}]}
    run = save_run("resilience", "chat.completions.create", params, note=f"{scenario.label}, SDK default")

    app = open_page("resilience", run=run.id)

    assert not app.exception
    state = app.session_state["object.components.resilience.errors_session.ErrorsSession"]
    assert state.scenario_id == scenario.id


def test_has_a_page_for_every_origin() -> None:
    assert all((ROOT / "pages" / each.page).exists() for origins in ORIGINS.values() for each in origins)


def test_opens_the_newest_comparison_with_the_run(open_page: OpenPage) -> None:
    run = save_run("compare", "chat.completions.create", {"model": "gpt-5.4", "messages": []})
    drafts = repositories.saved_drafts("compare")
    drafts.save("a1", json.dumps({"runs": [run.id]}))
    drafts.save("a2", json.dumps({"runs": []}))

    app = open_page("history", run=run.id)

    assert app.button(key=f"history.origin.{run.id}").label == "Open comparison"
    opened = find_origin(run)
    assert opened
    assert opened[1] == {"comparison": "a1"}
