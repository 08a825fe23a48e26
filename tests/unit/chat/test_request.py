"""A reply is requested by either API, and a stored response is continued by its id."""

from dataclasses import replace
from typing import Any

import pytest

from core.chat.request import ReplyRequest, conversation_state, earlier_replies, reply_request
from core.client.profile import Profile
from core.completions.request import ChatSettings, ConversationState
from core.conversations.messages import Turn, new_message
from core.responses.call import ResponseCall
from core.runs.run import Run, RunState

PROFILE = Profile(id="a", name="A", kind="custom", base_url="http://127.0.0.1:1/v1")
SETTINGS = ChatSettings(
    model="gpt-4o-mini", api="responses", state="previous_response_id", instructions="Be brief.", stream=False
)
PREVIOUS = Run(
    "chat",
    ResponseCall.endpoint,
    {"model": "gpt-4o-mini"},
    base_url=PROFILE.base_url,
    state=RunState.DONE,
    text="Hi",
    response={"id": "resp_1"},
)
REPLY = replace(new_message("assistant", "Hi"), run_id=PREVIOUS.id)
HISTORY = (new_message("user", "Hello"), REPLY, new_message("user", "And then?"))
TURN = Turn("conversation", HISTORY[-1], new_message("assistant", ""), HISTORY)
CHAT = [{"role": message.role, "content": message.content} for message in HISTORY]


def request(settings: ChatSettings = SETTINGS, previous: Run | None = PREVIOUS) -> ReplyRequest:
    messages = settings.messages(TURN.api_messages())
    runs = {PREVIOUS.id: previous} if previous else {}
    return reply_request(settings, TURN, messages, runs, PROFILE)


def request_params(settings: ChatSettings = SETTINGS, previous: Run | None = PREVIOUS) -> dict[str, Any]:
    return request(settings, previous).params


def test_sends_only_what_came_after_a_stored_response() -> None:
    assert request_params() == {
        "model": "gpt-4o-mini",
        "previous_response_id": "resp_1",
        "instructions": "Be brief.",
        "input": "And then?",
    }


@pytest.mark.parametrize(
    "previous",
    [
        None,
        replace(PREVIOUS, endpoint="chat.completions.create"),
        replace(PREVIOUS, base_url="https://elsewhere.example/v1"),
        replace(PREVIOUS, params={"store": False}),
        replace(PREVIOUS, state=RunState.STOPPED),
        replace(PREVIOUS, response=None),
    ],
)
def test_sends_the_whole_conversation_after_a_reply_that_the_server_has_not_stored(
    previous: Run | None,
) -> None:
    sent = request(previous=previous)

    assert "previous_response_id" not in sent.params
    assert sent.params["input"] == CHAT
    assert "has not stored the previous reply" in sent.note


@pytest.mark.parametrize("previous", [PREVIOUS, None], ids=["stored", "not stored"])
@pytest.mark.parametrize("state", ["messages", "previous_response_id"])
def test_recognises_the_conversation_state_of_a_later_message(
    previous: Run | None, state: ConversationState
) -> None:
    sent = request(SETTINGS.model_copy(update={"state": state}), previous)

    assert conversation_state(Run("chat", "responses.create", sent.params, note=sent.note)) == state


def test_sends_the_whole_conversation_if_so_chosen() -> None:
    sent = request(SETTINGS.model_copy(update={"state": "messages"}))

    assert "previous_response_id" not in sent.params
    assert sent.params["input"] == CHAT
    assert sent.note == ""


def test_continues_by_chat_completions_after_the_api_was_changed() -> None:
    params = request_params(SETTINGS.model_copy(update={"api": "chat.completions"}))

    assert params["messages"] == [{"role": "system", "content": "Be brief."}, *CHAT]


REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}
MESSAGE = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hi"}],
}
REASONED = replace(PREVIOUS, text="Hi", response={"output": [REASONING, MESSAGE]})
STATELESS = SETTINGS.model_copy(
    update={"model": "o3", "state": "messages", "include": ("reasoning.encrypted_content",)}
)


def test_sends_encrypted_reasoning_back_with_the_reply_that_it_led_to() -> None:
    assert earlier_replies(STATELESS, TURN) == [PREVIOUS.id]
    assert request_params(STATELESS, REASONED)["input"] == [CHAT[0], REASONING, MESSAGE, CHAT[2]]


@pytest.mark.parametrize(
    "run",
    [
        replace(REASONED, text="Another text"),
        replace(REASONED, base_url="https://elsewhere.example/v1"),
        replace(REASONED, response={"output": [MESSAGE]}),
    ],
    ids=["edited", "other server", "no reasoning"],
)
def test_sends_a_reply_without_reasoning_as_its_text(run: Run) -> None:
    assert request_params(STATELESS, run)["input"] == CHAT


def test_sends_no_reasoning_to_a_model_that_does_not_reason() -> None:
    settings = STATELESS.model_copy(update={"model": "gpt-4.1-mini"})

    assert earlier_replies(settings, TURN) == []
    params = request_params(settings, REASONED)
    assert params["input"] == CHAT
    assert "include" not in params


def test_sends_the_output_of_each_reply_if_two_have_the_same_text() -> None:
    outputs = [
        [{**REASONING, "id": f"rs_{number}"}, {**MESSAGE, "id": f"msg_{number}"}] for number in range(3)
    ]
    runs = [replace(REASONED, id=f"run_{number}", response={"output": o}) for number, o in enumerate(outputs)]
    questions = [new_message("user", f"Question {number}") for number in range(4)]
    replies = [replace(REPLY, run_id=run.id) for run in runs]
    pairs = zip(questions, replies, strict=False)
    history = (*(message for pair in pairs for message in pair), questions[-1])
    turn = replace(TURN, question=history[-1], history=history)

    def sent(messages: list[dict[str, Any]]) -> list[Any]:
        by_id = {run.id: run for run in runs}
        return list(reply_request(STATELESS, turn, messages, by_id, PROFILE).params["input"])

    asked = [{"role": "user", "content": question.content} for question in questions]
    assert sent(turn.api_messages()) == [
        *(item for number in range(3) for item in (asked[number], *outputs[number])),
        asked[3],
    ]
    # Without the first turn, which does not fit into the context window.
    assert sent(turn.api_messages()[2:]) == [asked[1], *outputs[1], asked[2], *outputs[2], asked[3]]
