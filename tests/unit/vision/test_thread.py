"""A question continues those that were answered, and sends images again only if the model needs them."""

from typing import Any

import pytest

from core.calls import CallService
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.images.image import ImageFile, normalise_image
from core.images.tokens import Detail
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.vision.request import VisionRequest
from core.vision.thread import VisionThread
from tests.servers import ConnectionFault, http_response, stub_server
from tests.unit.conftest import profile_for
from tests.unit.images import sample_images

SETTINGS = ChatSettings(model="gpt-5.6-luna")


@pytest.fixture(scope="module")
def image() -> ImageFile:
    return normalise_image(sample_images.solid_image("PNG", (64, 64)), "a.png")


async def ask(
    thread: VisionThread,
    calls: CallService,
    profile: Profile,
    request: VisionRequest,
    details: tuple[Detail, ...] = ("auto",),
    settings: ChatSettings = SETTINGS,
) -> list[Run]:
    """Ask, wait for the answers, and return the runs as they were sent."""
    turn, prepared = thread.prepare(request, details, "images", settings, profile, thread.current_runs(calls))
    await thread.start(calls, turn, prepared, profile)
    for run_id in turn.run_ids:
        if job := calls.job(run_id):
            await job.saved.wait()
    return [each.run for each in prepared]


def images_by_message(run: Run) -> list[int]:
    """The number of images in each message of the user."""
    messages: list[dict[str, Any]] = run.params["messages"]
    contents = [message["content"] for message in messages if message["role"] == "user"]
    return [sum(part["type"] == "image_url" for part in content) for content in contents]


async def test_sends_an_image_once_for_a_question_and_its_follow_up(
    calls: CallService, image: ImageFile
) -> None:
    thread = VisionThread()
    with SandboxServer() as server:
        profile = profile_for(server.url, server.key)
        await ask(thread, calls, profile, VisionRequest("What is this?", (image,)))
        (run,) = await ask(thread, calls, profile, VisionRequest("How large is it?", (image,)))

    assert images_by_message(run) == [1, 0]
    first, second = thread.turns
    assert second.earlier == (first.request,)
    assert (first.estimates == second.estimates, second.image_names(run)) == (True, ("a.png",))


async def test_continues_a_question_by_the_responses_api(calls: CallService, image: ImageFile) -> None:
    thread, responses = VisionThread(), SETTINGS.model_copy(update={"api": "responses"})
    with SandboxServer() as server:
        profile = profile_for(server.url, server.key)
        await ask(thread, calls, profile, VisionRequest("What is this?", (image,)))
        (run,) = await ask(
            thread, calls, profile, VisionRequest("How large is it?", (image,)), settings=responses
        )
        ended = thread.current_runs(calls)[run.id]

    question, answer, follow_up = run.params["input"]
    assert question["content"][1] == {
        "type": "input_image",
        "image_url": image.data_url,
        "detail": "auto",
    }
    assert (answer["role"], follow_up["content"]) == (
        "assistant",
        [{"type": "input_text", "text": "How large is it?"}],
    )
    assert "64×64 px" in ended.text
    turn = thread.turns[-1]
    assert ended.usage
    assert ended.usage.input_tokens == turn.estimates[0] + turn.text_estimate


async def test_sends_the_image_again_after_a_failure(calls: CallService, image: ImageFile) -> None:
    thread = VisionThread()
    async with stub_server(http_response({}, 500)) as server:
        profile = profile_for(server.url)
        await ask(thread, calls, profile, VisionRequest("What is this?", (image,)))
        (run,) = await ask(thread, calls, profile, VisionRequest("And now?", (image,)))

    assert images_by_message(run) == [1]


async def test_continues_no_comparison(calls: CallService, image: ImageFile) -> None:
    thread = VisionThread()
    with SandboxServer() as server:
        profile = profile_for(server.url, server.key)
        await ask(thread, calls, profile, VisionRequest("What is this?", (image,)), ("low", "high"))
        (run,) = await ask(thread, calls, profile, VisionRequest("And now?", (image,)))

    assert thread.turns[0].is_comparison
    assert images_by_message(run) == [1]


async def test_starts_nothing_for_an_invalid_question(calls: CallService, image: ImageFile) -> None:
    thread = VisionThread()

    with pytest.raises(PlaygroundError, match="question is empty"):
        await ask(thread, calls, profile_for("http://127.0.0.1:9/v1"), VisionRequest(" ", (image,)))

    assert thread.turns == []


async def test_stops_running_answers_when_it_is_cleared(calls: CallService, image: ImageFile) -> None:
    thread = VisionThread()
    async with stub_server((ConnectionFault.HANG,)) as server:
        profile = profile_for(server.url)
        turn, runs = thread.prepare(
            VisionRequest("What is this?", (image,)), ("auto",), "images", SETTINGS, profile, {}
        )
        await thread.start(calls, turn, runs, profile)
        job = calls.job(turn.run_ids[0])
        assert job

        await thread.clear(calls)

    assert job.log.snapshot().state is RunState.STOPPED
    assert thread.turns == []
