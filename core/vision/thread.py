"""A thread of questions about images: what each continues, and which images it sends."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from core.apis import APIS
from core.calls import CallService, new_run
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.generation.call import GenerationCall
from core.images.image import ImageFile
from core.images.tokens import Detail
from core.responses.call import ResponseCall
from core.responses.stored_response import NOT_STORED, continued_params, stored_response_id
from core.runs.run import Run, RunState
from core.vision.request import (
    VisionRequest,
    build_messages,
    count_characters,
    estimate_requests,
    estimate_texts,
    history_messages,
)

_INCOMPLETE = "The stored response lacks an earlier question, so the whole conversation was sent."


@dataclass(frozen=True, slots=True)
class RequestSizes:
    """The characters of a request with its images: as it is sent, and with the whole conversation."""

    sent: int = 0
    whole: int = 0


@dataclass(frozen=True, slots=True)
class VisionTurn:
    """A question with a run for each detail; *estimates* are the estimated image tokens of each run.

    *text_estimate* are the other input tokens, which the runs have in common.
    *key* identifies the images and how they are sent: images with the same key are sent only once. *earlier*
    are the questions before this one, which are sent again, or are stored on the server. Both are billed.
    """

    key: Hashable
    request: VisionRequest
    details: tuple[Detail, ...]
    run_ids: tuple[str, ...]
    estimates: tuple[int, ...]
    text_estimate: int
    earlier: tuple[VisionRequest, ...] = ()
    sizes: RequestSizes = RequestSizes()

    @property
    def is_comparison(self) -> bool:
        return len(self.details) > 1

    def image_names(self, run: Run) -> tuple[str, ...]:
        """The names of the files that *run* has sent, in the order of the request."""
        requests = (self.request,) if continues_response(run) else (*self.earlier, self.request)
        images = [image for request in requests for image in request.images]
        return tuple(image.name for image in images if isinstance(image, ImageFile))


@dataclass(frozen=True, slots=True)
class Continuation:
    """The earlier questions, with their messages, that the next one continues.

    *response_id* is the stored response which has them; without it they are sent again. *note* says why there
    is none.
    """

    turns: tuple[VisionTurn, ...] = ()
    messages: tuple[dict[str, Any], ...] = ()
    response_id: str | None = None
    note: str = ""

    @property
    def requests(self) -> tuple[VisionRequest, ...]:
        return tuple(turn.request for turn in self.turns)


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run that is not started, and the call that sends its request."""

    run: Run
    call: GenerationCall
    sizes: RequestSizes


def continues_response(run: Run) -> bool:
    """Whether *run* was sent with the id of a stored response, which the earlier images are in."""
    return "previous_response_id" in run.params


def _is_response(run: Run) -> bool:
    return run.endpoint == ResponseCall.endpoint


@dataclass(slots=True, eq=False)
class VisionThread:
    """The turns of a session, whose runs are those of a call service."""

    turns: list[VisionTurn] = field(default_factory=list)
    _responses: dict[str, dict[str, Any]] = field(default_factory=dict)

    def current_runs(self, calls: CallService) -> dict[str, Run]:
        """Return the runs of all turns by id, those of the Responses API with the id of the response.

        Reads the database: call it off the event loop.
        """
        runs = calls.current_runs([run_id for turn in self.turns for run_id in turn.run_ids])
        answered = [run for run in runs.values() if run.state is RunState.DONE and _is_response(run)]
        # Summaries lack the response, and it is not read again with all its images each time.
        missing = [run.id for run in answered if run.response is None and run.id not in self._responses]
        loaded = calls.saved_runs(missing) if missing else {}
        for run in [*answered, *loaded.values()]:
            if run.response is not None:
                self._responses[run.id] = {"id": run.response.get("id")}
        with_ids = {run.id: replace(run, response=self._responses.get(run.id)) for run in answered}
        return runs | with_ids

    def is_running(self, calls: CallService) -> bool:
        """Whether an answer that the next question would continue is still under way."""
        jobs = [calls.job(turn.run_ids[0]) for turn in self.turns if not turn.is_comparison]
        return any(job and job.log.snapshot().state is RunState.RUNNING for job in jobs)

    def continuation(self, settings: ChatSettings, profile: Profile, runs: dict[str, Run]) -> Continuation:
        """Return what the next question continues.

        A turn without an answer is not part of it, so its images are sent again. Neither is a comparison: it
        has two answers to the same question.
        """
        turns = [turn for turn in self.turns if not turn.is_comparison]
        history = [(turn, history_messages(turn.request, runs.get(turn.run_ids[0]))) for turn in turns]
        answered = tuple(turn for turn, messages in history if messages)
        messages = tuple(message for _turn, part in history for message in part)
        if not (answered and settings.continues_response):
            return Continuation(answered, messages)
        last = answered[-1]
        response_id = stored_response_id(runs.get(last.run_ids[0]), profile)
        # A question may have been asked before an earlier one was answered.
        if response_id and last.earlier != tuple(turn.request for turn in answered[:-1]):
            return Continuation(answered, messages, note=_INCOMPLETE)
        return Continuation(answered, messages, response_id, "" if response_id else NOT_STORED)

    def prepare(
        self,
        request: VisionRequest,
        details: tuple[Detail, ...],
        images_key: Hashable,
        settings: ChatSettings,
        profile: Profile,
        runs: dict[str, Run],
    ) -> tuple[VisionTurn, list[PreparedRun]]:
        """Return the turn that asks *request* with each of *details*, and its runs, which are not started.

        *images_key* identifies the images of *request*; *runs* are the `current_runs`. Encodes the images:
        call it off the event loop.

        Raises PlaygroundError if the request is invalid.
        """
        key = (images_key, request.detail, request.max_side)
        continued = Continuation() if len(details) > 1 else self.continuation(settings, profile, runs)
        if any(turn.key == key and turn.request.images for turn in continued.turns):
            request = replace(request, images=())
        detailed = [replace(request, detail=detail) for detail in details]
        new_runs = [_prepare_run(each, continued, settings, profile) for each in detailed]
        now = datetime.now(UTC)
        turn = VisionTurn(
            key,
            detailed[-1],
            details,
            tuple(prepared.run.id for prepared in new_runs),
            tuple(estimate_requests((*continued.requests, each), settings.model, now) for each in detailed),
            estimate_texts([*continued.messages, request.message()], settings.model),
            continued.requests,
            new_runs[-1].sizes,
        )
        return turn, new_runs

    async def start(
        self, calls: CallService, turn: VisionTurn, runs: Sequence[PreparedRun], profile: Profile
    ) -> None:
        """Start the *runs* of *turn*, and add it to the thread.

        Raises PlaygroundError if no client can be made.
        """
        for prepared in runs:
            await calls.start(prepared.run, prepared.call, profile)
        self.turns.append(turn)

    async def clear(self, calls: CallService) -> None:
        """Stop what is still running and remove all turns."""
        turns, self.turns = self.turns, []
        for turn in turns:
            for run_id in turn.run_ids:
                await calls.stop(run_id)


def _prepare_run(
    request: VisionRequest, continued: Continuation, settings: ChatSettings, profile: Profile
) -> PreparedRun:
    """Build the request of *request*; one that continues a stored response has only what is new."""
    api = APIS[settings.api]
    params = whole = api.params(settings.request_params(build_messages(continued.messages, request)))
    call = api.new_call()
    if continued.response_id:
        call = ResponseCall(whole["input"])
        news = api.params(settings.request_params([request.message()]))
        params = continued_params(news, continued.response_id)
    run = replace(new_run("vision", api.endpoint, params, profile), note=continued.note)
    return PreparedRun(run, call, RequestSizes(count_characters(params), count_characters(whole)))
