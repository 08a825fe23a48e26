"""A thread of questions about images: what each continues, and which images it sends."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from core.apis import APIS, api_of
from core.calls import CallService, new_run
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.images.image import ImageFile
from core.images.tokens import Detail
from core.runs.run import Run
from core.vision.request import (
    VisionRequest,
    build_messages,
    estimate_requests,
    estimate_texts,
    history_messages,
)


@dataclass(frozen=True, slots=True)
class VisionTurn:
    """A question with a run for each detail; *estimates* are the estimated image tokens of each run.

    *text_estimate* are the other input tokens, which the runs have in common.
    *key* identifies the images and how they are sent: images with the same key are sent only once. *earlier*
    are the questions that were sent again before this one, as a model does not remember them.
    """

    key: Hashable
    request: VisionRequest
    details: tuple[Detail, ...]
    run_ids: tuple[str, ...]
    estimates: tuple[int, ...]
    text_estimate: int
    earlier: tuple[VisionRequest, ...] = ()

    @property
    def is_comparison(self) -> bool:
        return len(self.details) > 1

    @property
    def image_names(self) -> tuple[str, ...]:
        """The names of the files that were sent, in the order of the request."""
        images = [image for request in (*self.earlier, self.request) for image in request.images]
        return tuple(image.name for image in images if isinstance(image, ImageFile))


@dataclass(slots=True, eq=False)
class VisionThread:
    """The turns of a session, whose runs are those of a call service."""

    turns: list[VisionTurn] = field(default_factory=list)

    def current_runs(self, calls: CallService) -> dict[str, Run]:
        """Return the runs of all turns by id. Reads the database: call it off the event loop."""
        return calls.current_runs([run_id for turn in self.turns for run_id in turn.run_ids])

    def history(self, runs: dict[str, Run]) -> list[tuple[VisionTurn, list[dict[str, Any]]]]:
        """Return the turns that the next question continues, with their messages.

        A turn without an answer is not part of it, so its images are sent again. Neither is a comparison: it
        has two answers to the same question.
        """
        turns = [turn for turn in self.turns if not turn.is_comparison]
        history = [(turn, history_messages(turn.request, runs.get(turn.run_ids[0]))) for turn in turns]
        return [(turn, messages) for turn, messages in history if messages]

    def prepare(
        self,
        request: VisionRequest,
        details: tuple[Detail, ...],
        images_key: Hashable,
        settings: ChatSettings,
        profile: Profile,
        runs: dict[str, Run],
    ) -> tuple[VisionTurn, list[Run]]:
        """Return the turn that asks *request* with each of *details*, and its runs, which are not started.

        *images_key* identifies the images of *request*; *runs* are the `current_runs`. Encodes the images:
        call it off the event loop.

        Raises PlaygroundError if the request is invalid.
        """
        key = (images_key, request.detail, request.max_side)
        history = [] if len(details) > 1 else self.history(runs)
        earlier = tuple(turn.request for turn, _messages in history)
        if any(turn.key == key and turn.request.images for turn, _messages in history):
            request = replace(request, images=())
        messages = [message for _turn, part in history for message in part]
        api, now, new_runs, estimates = APIS[settings.api], datetime.now(UTC), [], []
        for detail in details:
            detailed = replace(request, detail=detail)
            params = api.params(settings.request_params(build_messages(messages, detailed)))
            new_runs.append(new_run("vision", api.endpoint, params, profile))
            estimates.append(estimate_requests((*earlier, detailed), settings.model, now))
        run_ids = tuple(run.id for run in new_runs)
        turn = VisionTurn(
            key,
            replace(request, detail=details[-1]),
            details,
            run_ids,
            tuple(estimates),
            estimate_texts([*messages, request.message()], settings.model),
            earlier,
        )
        return turn, new_runs

    async def start(self, calls: CallService, turn: VisionTurn, runs: list[Run], profile: Profile) -> None:
        """Start the *runs* of *turn*, and add it to the thread.

        Raises PlaygroundError if no client can be made.
        """
        for run in runs:
            await calls.start(run, api_of(run.endpoint).new_call(), profile)
        self.turns.append(turn)

    async def clear(self, calls: CallService) -> None:
        """Stop what is still running and remove all turns."""
        turns, self.turns = self.turns, []
        for turn in turns:
            for run_id in turn.run_ids:
                await calls.stop(run_id)
