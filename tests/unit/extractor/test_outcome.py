"""Every way an extraction can end is told apart: with a real call of a server that behaves so."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.calls import CallService, new_run
from core.completions.request import ChatSettings
from core.extractor.request import (
    METHODS,
    Extraction,
    Method,
    build_correction,
    build_request,
    new_call,
    read_request,
)
from core.extractor.results.outcome import EXPLANATIONS, Outcome, OutcomeKind, outcome_of, partial_value
from core.extractor.schemas.presets import presets
from core.generation.api_name import ApiName
from core.runs.run import Run, RunState
from tests.servers import (
    COMPLETION,
    ConnectionFault,
    StubResponse,
    chunk,
    event_stream,
    http_response,
    stub_server,
)
from tests.unit.conftest import profile_for

NEWS = presets()["news"]
VALID = {"title": "T", "summary": "S", "sentiment": "positive", "keywords": ["a"]}


def completion(content: str | None, finish_reason: str = "stop", refusal: str | None = None) -> StubResponse:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return http_response({**COMPLETION, "choices": [choice]})


def answer(*content: dict[str, Any], reason: str = "", **message: Any) -> StubResponse:
    """Return a response whose message has *content*; it is incomplete for a *reason*."""
    item = {"type": "message", "role": "assistant", "content": [*content], **message}
    status = {"status": "incomplete", "incomplete_details": {"reason": reason}} if reason else {}
    return http_response({"object": "response", "status": "completed", "output": [item], **status})


def output_text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text}


async def extract(
    calls: CallService,
    response: StubResponse,
    method: Method = "json_schema",
    api: ApiName = "chat.completions",
) -> tuple[Run, dict[str, Any]]:
    """Return the run of an extraction, and the body of its request."""
    async with stub_server(response) as server:
        profile = profile_for(server.url)
        settings = ChatSettings(model="gpt-4o-mini", stream=False, api=api)
        params = build_request(Extraction(NEWS.document, NEWS.texts["en"], method), settings)
        call = new_call(method, api)
        run = await calls.run(new_run("extractor", call.endpoint, params, profile), call, profile)
        return run, server.requests[0].json()


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (completion(json.dumps(VALID)), OutcomeKind.VALID),
        (completion(json.dumps({**VALID, "sentiment": "great"})), OutcomeKind.MISMATCH),
        (completion("Here is the news: ..."), OutcomeKind.INVALID_JSON),
        (completion(""), OutcomeKind.INVALID_JSON),
        (completion(None, refusal="I can't help with that."), OutcomeKind.REFUSAL),
        (completion('{"title": "T', "length"), OutcomeKind.TRUNCATED),
        (completion('{"title": "T', "content_filter"), OutcomeKind.FILTERED),
        (
            http_response({"error": {"message": "no", "type": "x", "param": None, "code": None}}, 400),
            OutcomeKind.FAILED,
        ),
        (event_stream(chunk('{"title": "T'), done=False), OutcomeKind.FAILED),
        ((*event_stream(chunk('{"title": "T'), done=False), ConnectionFault.RESET), OutcomeKind.FAILED),
    ],
)
async def test_tells_apart(calls: CallService, response: StubResponse, kind: OutcomeKind) -> None:
    run, _body = await extract(calls, response)

    assert outcome_of(run, NEWS.document.schema).kind is kind
    assert all(EXPLANATIONS[kind])


COMMENT = {"type": "message", "phase": "commentary", "content": [output_text("I look at the text. {")]}
ANSWER = {"type": "message", "phase": "final_answer", "content": [output_text(json.dumps(VALID))]}
OVERLOADED = {"code": "server_error", "message": "Overloaded"}


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(output_text(json.dumps(VALID))), OutcomeKind.VALID),
        (
            http_response({"object": "response", "status": "completed", "output": [COMMENT, ANSWER]}),
            OutcomeKind.VALID,
        ),
        (answer(output_text("Here is the news: ...")), OutcomeKind.INVALID_JSON),
        (answer({"type": "refusal", "refusal": "I can't help with that."}), OutcomeKind.REFUSAL),
        (answer(output_text('{"title": "T'), reason="max_output_tokens"), OutcomeKind.TRUNCATED),
        (answer(output_text('{"title": "T'), reason="content_filter"), OutcomeKind.FILTERED),
        (
            http_response({"object": "response", "status": "failed", "error": OVERLOADED, "output": []}),
            OutcomeKind.FAILED,
        ),
    ],
)
async def test_tells_apart_the_same_by_the_responses_api(
    calls: CallService, response: StubResponse, kind: OutcomeKind
) -> None:
    run, _body = await extract(calls, response, api="responses")

    assert outcome_of(run, NEWS.document.schema).kind is kind


@pytest.mark.parametrize("method", METHODS)
async def test_asks_again_by_the_responses_api(calls: CallService, method: Method) -> None:
    run, body = await extract(calls, answer(output_text('{"title": 5}')), method, "responses")

    correction = build_correction(run, outcome_of(run, NEWS.document.schema).problem_list())

    assert body == run.params
    assert correction["text"] == body["text"]
    assert correction["input"][-2] == {"role": "assistant", "content": '{"title": 5}'}
    assert "title: 5 is not of type 'string'" in correction["input"][-1]["content"]
    extraction = read_request(replace(run, params=correction), NEWS.document)
    assert (extraction.method, extraction.text) == (method, NEWS.texts["en"])


async def test_keeps_the_values_that_arrived_before_the_token_limit(calls: CallService) -> None:
    run, _body = await extract(calls, completion('{"title": "T", "summary": "So f', "length"))

    assert outcome_of(run, NEWS.document.schema).value == {"title": "T", "summary": "So f"}


async def test_names_the_fields_that_do_not_match_and_asks_again_with_them(calls: CallService) -> None:
    run, _body = await extract(
        calls, completion(json.dumps({"title": 5, "sentiment": "great", "keywords": [1]}))
    )

    outcome = outcome_of(run, NEWS.document.schema)
    correction = build_correction(run, outcome.problem_list())

    assert [problem.field for problem in outcome.problems] == [
        "keywords[0]",
        "sentiment",
        "summary",
        "title",
    ]
    assert outcome.can_ask_again
    assert correction["messages"][-2] == {"role": "assistant", "content": run.text}
    assert "keywords[0]: 1 is not of type 'string'" in correction["messages"][-1]["content"]
    assert {**correction, "messages": run.params["messages"]} == run.params


@pytest.mark.parametrize(
    "kind", [kind for kind in OutcomeKind if kind not in (OutcomeKind.MISMATCH, OutcomeKind.INVALID_JSON)]
)
def test_asks_again_only_if_that_can_help(kind: OutcomeKind) -> None:
    assert not Outcome(kind).can_ask_again


@pytest.mark.parametrize("method", METHODS)
async def test_sends_the_schema_by_each_method(calls: CallService, method: Method) -> None:
    run, body = await extract(calls, completion(json.dumps(VALID)), method)

    response_format = body["response_format"]
    assert body == run.params
    match method:
        case "parse":
            assert response_format["json_schema"]["strict"] is True
            assert response_format["json_schema"]["schema"]["title"] == "NewsItem"
            assert run.endpoint == "chat.completions.parse"
        case "json_schema":
            schema = {"name": "NewsItem", "schema": NEWS.document.schema, "strict": True}
            assert response_format == {"type": "json_schema", "json_schema": schema}
        case "json_object":
            assert response_format == {"type": "json_object"}
            assert '"sentiment"' in body["messages"][0]["content"]
            assert "JSON" in body["messages"][0]["content"]


def test_fills_in_while_the_reply_arrives() -> None:
    text = json.dumps(VALID)

    values = [partial_value(text[:length]) for length in range(len(text) + 1)]

    assert values[0] is None
    assert values[1] == {}
    assert {"title": "T", "summary": "S"} in values
    assert values[-1] == VALID
    running = Run("extractor", "", {}, text='{"title": "Ti')
    assert outcome_of(running, NEWS.document.schema) == Outcome(OutcomeKind.RUNNING, {"title": "Ti"})


def test_shows_what_a_stopped_run_had_received() -> None:
    stopped = Run("extractor", "", {}, text='{"title": "Ti', state=RunState.STOPPED)

    assert outcome_of(stopped, NEWS.document.schema) == Outcome(OutcomeKind.STOPPED, {"title": "Ti"})
