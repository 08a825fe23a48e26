"""A follow-up question continues the stored response, whose images are not sent again."""

from dataclasses import replace
from typing import Any

import pytest

from core.calls import CallService
from core.client.profile import Profile
from core.images.image import ImageFile, normalise_image
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.vision.request import VisionRequest
from core.vision.thread import VisionThread
from tests.servers import event_stream, in_sequence, stub_server
from tests.unit.conftest import profile_for
from tests.unit.images import sample_images
from tests.unit.responses.test_call import WHOLE
from tests.unit.vision.test_thread import SETTINGS, ask

RESPONSES = SETTINGS.model_copy(update={"api": "responses"})
CONTINUED = RESPONSES.model_copy(update={"state": "previous_response_id"})
QUESTION = "How large is it?"


@pytest.fixture(scope="module")
def image() -> ImageFile:
    return normalise_image(sample_images.solid_image("PNG", (64, 64)), "a.png")


async def ask_twice(
    calls: CallService, profile: Profile, image: ImageFile, first: Any = CONTINUED, second: Any = CONTINUED
) -> tuple[VisionThread, Run, Run]:
    """Ask a question and a follow-up; return both runs as they have ended."""
    thread = VisionThread()
    await ask(thread, calls, profile, VisionRequest("What is this?", (image,)), settings=first)
    await ask(thread, calls, profile, VisionRequest(QUESTION, (image,)), settings=second)
    run_ids = [turn.run_ids[0] for turn in thread.turns]
    saved = calls.saved_runs(run_ids)
    one, two = [saved[run_id] for run_id in run_ids]
    return thread, one, two


async def test_sends_the_new_question_with_the_id_of_the_stored_response(
    calls: CallService, image: ImageFile
) -> None:
    with SandboxServer() as server:
        thread, first, second = await ask_twice(calls, profile_for(server.url, server.key), image)

    assert first.response
    assert second.params["previous_response_id"] == first.response["id"]
    assert second.params["input"] == [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}]
    assert "64×64 px" in second.text
    sizes = thread.turns[-1].sizes
    assert sizes.sent < len(image.data_url) < sizes.whole
    assert (second.note, thread.turns[-1].image_names(second)) == ("", ())


async def test_bills_the_same_tokens_as_the_whole_conversation(calls: CallService, image: ImageFile) -> None:
    with SandboxServer() as server:
        profile = profile_for(server.url, server.key)
        thread, _first, stored = await ask_twice(calls, profile, image)
        _thread, _first, whole = await ask_twice(calls, profile, image, RESPONSES, RESPONSES)

    assert isinstance(stored.usage, Usage)
    assert stored.usage == whole.usage
    turn = thread.turns[-1]
    assert stored.usage.input_tokens == turn.estimates[0] + turn.text_estimate


@pytest.mark.parametrize(
    "first",
    [SETTINGS, CONTINUED.model_copy(update={"store": False})],
    ids=["by Chat Completions", "without store"],
)
async def test_sends_the_image_again_if_the_answer_was_not_stored(
    calls: CallService, image: ImageFile, first: Any
) -> None:
    with SandboxServer() as server:
        _thread, _first, second = await ask_twice(calls, profile_for(server.url, server.key), image, first)

    assert "previous_response_id" not in second.params
    assert [len(item["content"]) for item in second.params["input"] if item["role"] == "user"] == [2, 1]
    assert "has not stored the previous reply, so the whole conversation was sent" in second.note


async def test_sends_the_image_again_if_the_server_ignores_the_id(
    calls: CallService, image: ImageFile
) -> None:
    async with stub_server(in_sequence(*[event_stream(*WHOLE)] * 3)) as server:
        thread, _first, second = await ask_twice(calls, profile_for(server.url), image)

    assert "ignores previous_response_id, so the whole conversation was sent" in second.note
    assert second.state is RunState.DONE
    assert second.params["input"][0]["content"][1]["image_url"] == image.data_url
    assert thread.turns[-1].image_names(second) == ("a.png",)


async def test_continues_no_response_that_lacks_an_earlier_question(
    calls: CallService, image: ImageFile
) -> None:
    with SandboxServer() as server:
        profile = profile_for(server.url, server.key)
        thread, _first, _second = await ask_twice(calls, profile, image)
        # As if the first question had been answered only after the second was asked.
        thread.turns[1] = replace(thread.turns[1], earlier=())
        continuation = thread.continuation(CONTINUED, profile, thread.current_runs(calls))

    assert continuation.response_id is None
    assert "lacks an earlier question" in continuation.note
