"""A reply is requested by either API, and a stored response is continued by its id."""

from dataclasses import replace
from typing import Any

import pytest

from core.chat.request import reply_request
from core.client.profile import Profile
from core.completions.request import ChatSettings
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
    response={"id": "resp_1"},
)
HISTORY = (new_message("user", "Hello"), new_message("assistant", "Hi"), new_message("user", "And then?"))
TURN = Turn("conversation", HISTORY[-1], new_message("assistant", ""), HISTORY)
CHAT = [{"role": message.role, "content": message.content} for message in HISTORY]


def request_params(settings: ChatSettings = SETTINGS, previous: Run | None = PREVIOUS) -> dict[str, Any]:
    messages = settings.messages(TURN.api_messages())
    return reply_request(settings, TURN, messages, previous, PROFILE).params


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
    params = request_params(previous=previous)

    assert "previous_response_id" not in params
    assert params["input"] == CHAT


def test_sends_the_whole_conversation_if_so_chosen() -> None:
    params = request_params(SETTINGS.model_copy(update={"state": "messages"}))

    assert "previous_response_id" not in params
    assert params["input"] == CHAT


def test_continues_by_chat_completions_after_the_api_was_changed() -> None:
    params = request_params(SETTINGS.model_copy(update={"api": "chat.completions"}))

    assert params["messages"] == [{"role": "system", "content": "Be brief."}, *CHAT]
