"""Variants and their requests."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls import CallService, new_run
from core.compare.variants.requests import follow_up, request_digest, variant_request
from core.compare.variants.variant import Variant, content_digest
from core.completions.request import ChatSettings
from core.prompts.prompts import PromptMessage
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from tests.unit.compare.conftest import variant_of
from tests.unit.conftest import profile_for

TOOL = {
    "type": "function",
    "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}},
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "city", "schema": {"type": "object"}, "strict": False},
}


def test_sends_the_prompt_with_its_values_then_the_history() -> None:
    variant = variant_of("Translate {{text}} to {{language}}.", instructions="You speak {{language}}.")
    history = [{"role": "assistant", "content": "Hola"}, {"role": "user", "content": "Again, {{name}}"}]

    params = variant_request(variant, {"text": "hello", "language": "Spanish"}, history).params

    assert params["messages"] == [
        {"role": "system", "content": "You speak Spanish."},
        {"role": "user", "content": "Translate hello to Spanish."},
        *history,
    ]
    assert params["stream"]


def test_sends_instructions_in_the_role_of_a_reasoning_model() -> None:
    params = variant_request(variant_of(model="gpt-5-mini", instructions="Be brief."), {}).params

    assert params["messages"][0] == {"role": "developer", "content": "Be brief."}


def test_leaves_a_variable_without_a_value_as_it_is() -> None:
    assert variant_request(variant_of("Hi {{name}}"), {"name": ""}).params["messages"][0]["content"] == (
        "Hi {{name}}"
    )


def test_sends_tools_and_the_schema_as_they_are() -> None:
    params = variant_request(variant_of(tools=(TOOL,), response_format=SCHEMA), {}).params

    assert params["tools"] == [TOOL]
    assert params["response_format"] == SCHEMA


def test_lists_the_variables_of_instructions_and_messages_in_order() -> None:
    variant = variant_of("{{b}} and {{a}}", instructions="{{c}} {{b}}")

    assert variant.variable_names() == ["c", "b", "a"]


@pytest.mark.parametrize(
    "change",
    [
        {"profile_id": "other"},
        {"tools": (TOOL,)},
        {"response_format": SCHEMA},
        {"settings": variant_of(temperature=0.5).settings},
        {"settings": variant_of(model="gpt-4o").settings},
        {"messages": variant_of("Bye").messages},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changes_its_digest_with_what_is_sent(change: dict[str, Any]) -> None:
    variant = variant_of()

    changed = variant.model_copy(update=change)

    assert changed.digest != variant.digest


def test_keeps_its_digest_with_another_name() -> None:
    variant = variant_of()

    assert variant.duplicate().digest == variant.digest
    assert variant.duplicate().id != variant.id
    assert variant.model_copy(update={"enabled": False}).digest == variant.digest


def test_makes_a_result_stale_by_the_values_that_are_sent_and_no_others() -> None:
    variant = variant_of("Hi {{name}}")

    def digest(values: dict[str, str]) -> str:
        return request_digest(variant, variant_request(variant, values).params)

    assert digest({"name": "Ada", "unused": "x"}) == digest({"name": "Ada"})
    assert digest({"name": "Ada"}) != digest({"name": "Bob"})


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans(), max_size=6))
def test_hashes_content_whatever_the_order_of_its_keys(content: dict[str, Any]) -> None:
    assert content_digest(content) == content_digest(dict(reversed(content.items())))


def test_survives_json() -> None:
    variant = variant_of(tools=(TOOL,), response_format=SCHEMA, stop=("END",), temperature=0.2)

    assert Variant.model_validate_json(variant.model_dump_json()) == variant


def test_becomes_a_prompt_of_the_library() -> None:
    variant = variant_of("Hi {{name}}", instructions="Be kind.", temperature=0.3, tools=(TOOL,))

    prompt = variant.to_prompt("Greeting", {"name": "Ada", "other": "x"})

    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert prompt.variables == {"name": "Ada"}
    assert prompt.params == {"model": "gpt-4o-mini", "temperature": 0.3, "tools": [TOOL]}


def test_continues_without_the_calls_of_a_reply() -> None:
    run = replace(Run("compare", "chat.completions.create", {}), state=RunState.DONE, text="Hello")

    assert follow_up(run, "And now?") == [
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "And now?"},
    ]


async def test_is_answered_and_continues(calls: CallService, sandbox: SandboxServer) -> None:
    variant, profile = variant_of("What is 17 + 25?"), profile_for(sandbox.url, sandbox.key)
    history: list[Any] = []
    texts = []
    for _ in range(2):
        request = variant_request(variant, {}, history)
        run = await calls.run(
            new_run("compare", request.call.endpoint, request.params, profile), request.call, profile
        )
        texts.append(run.text)
        history += follow_up(run, "Times two?")

    assert "42" in texts[0]
    assert run.state is RunState.DONE
    assert json.dumps(run.params["messages"]).count("user") == 2


def test_asks_the_same_by_the_responses_api() -> None:
    settings = ChatSettings(model="gpt-4o-mini", instructions="Be brief.", max_completion_tokens=50)
    prompt = (PromptMessage(role="user", content="Translate {{text}}"),)
    variant = Variant(api="responses", profile_id="p", settings=settings, messages=prompt)

    request = variant_request(variant, {"text": "밤"})

    assert request.call.endpoint == "responses.create"
    assert request.params == {
        "model": "gpt-4o-mini",
        "instructions": "Be brief.",
        "input": "Translate 밤",
        "max_output_tokens": 50,
        "stream": True,
    }
