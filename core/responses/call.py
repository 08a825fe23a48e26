"""The Responses API: one call, which continues a stored response or sends the whole conversation."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from core.client.response_body import read_bytes
from core.client.retry import RetryPolicy, with_retries
from core.errors.explain import is_transport_error
from core.errors.response import ErrorResponse, parse_error
from core.errors.types import PlaygroundError
from core.generation.call import GenerationCall
from core.http.limits import REPLY_LIMITS, response_limits
from core.json_values import json_object
from core.responses.background import POLL_INTERVAL, UNFINISHED, cancel_response
from core.responses.request import chat_params
from core.responses.stream_parser import ResponseAccumulator
from core.runs.log import RunLog

if TYPE_CHECKING:
    from openai import AsyncAPIResponse, AsyncOpenAI

_PREVIOUS_ID = "previous_response_id"
_NOT_STORED = "The server no longer has the previous response, so the whole conversation was sent."
_IGNORED = "The server ignores previous_response_id, so the whole conversation was sent."
_NOT_ACCEPTED = "The server does not accept previous_response_id, so the whole conversation was sent."


class PreviousResponseIgnored(PlaygroundError):
    """The server answers, with *response_id*, without the previous response that the request continues."""

    def __init__(self, response_id: str) -> None:
        super().__init__("The server ignores previous_response_id")
        self.response_id = response_id


class ResponseCall(GenerationCall):
    """One call of `responses.create`, streamed or not, or in the background.

    *whole_input* is the input with the whole conversation. It is sent if the request has a
    `previous_response_id` which the server does not know, does not accept or ignores.
    """

    endpoint: ClassVar[str] = "responses.create"
    noun: ClassVar[str] = "response"

    def __init__(self, whole_input: Any = None) -> None:
        self._whole_input = whole_input
        self._previous_id: str | None = None
        self._accumulator = ResponseAccumulator()
        super().__init__(self._accumulator)

    def open_response(
        self, client: "AsyncOpenAI", params: dict[str, Any]
    ) -> "AbstractAsyncContextManager[AsyncAPIResponse[Any]]":
        return client.responses.with_streaming_response.create(**params)

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        is_background = bool(params.get("background"))
        try:
            # A retry after a failed poll goes on polling: another response would be billed, too.
            if not (is_background and self._is_unfinished):
                await self._create(client, params, log)
            while is_background and self._is_unfinished:
                log.set_status(f"Background response: {self._status.replace('_', ' ')}")
                await asyncio.sleep(POLL_INTERVAL)
                await self._poll(client, params, log)
        except asyncio.CancelledError:
            # The server would go on with it without a connection.
            if is_background and self._is_unfinished:
                await cancel_response(client, self._response_id)
            raise

    async def _poll(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        # Each poll has its own retries: failures far apart would use up those of the call.
        policy = RetryPolicy()
        await with_retries(
            partial(self._retrieve, client, params, log),
            policy,
            lambda failed: log.record_retry(failed, policy.max_retries + 1),
        )

    async def _retrieve(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        from openai import omit

        retrieve = client.responses.with_streaming_response.retrieve
        with response_limits(REPLY_LIMITS):
            async with retrieve(self._response_id, include=params.get("include") or omit) as response:
                await self._read_body((await read_bytes(response)).decode(), log)

    @property
    def _status(self) -> str:
        return str(self._accumulator.snapshot.get("status") or "")

    @property
    def _response_id(self) -> str:
        return str(self._accumulator.snapshot.get("id") or "")

    @property
    def _is_unfinished(self) -> bool:
        return bool(self._response_id) and self._status in UNFINISHED

    async def _create(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        import openai

        self._previous_id = params.get(_PREVIOUS_ID)
        try:
            await self._send_once(client, params, log)
        except PreviousResponseIgnored as ignored:
            note = _IGNORED
            # The server would go on with the response without the conversation, and bill it.
            if params.get("background") and ignored.response_id:
                await cancel_response(client, ignored.response_id)
        except (openai.BadRequestError, openai.NotFoundError) as error:
            problem = _previous_id_problem(parse_error(error)) if self._previous_id else None
            if self._whole_input is None or problem is None:
                raise
            note = problem
        else:
            return
        whole = {name: value for name, value in params.items() if name != _PREVIOUS_ID}
        whole["input"] = self._whole_input
        self._previous_id, self._accumulator = None, ResponseAccumulator()
        self._reply = self._accumulator
        log.update(note=note)
        log.record_request(whole)
        await self._send_once(client, whole, log)

    async def _send_once(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        try:
            await super().send(client, params, log)
        except Exception as error:
            # The server goes on with a response in the background, so it can be polled instead.
            if not (params.get("background") and self._is_unfinished and is_transport_error(error)):
                raise

    def feed(self, event: Any, log: RunLog) -> None:
        # The first snapshot comes before any text, which would have to be removed from the screen.
        response = json_object(json_object(event).get("response", event))
        if (
            self._previous_id
            and self._whole_input is not None
            and response.get("object") == "response"
            and response.get(_PREVIOUS_ID) != self._previous_id
        ):
            raise PreviousResponseIgnored(str(response.get("id") or ""))
        super().feed(event, log)

    @staticmethod
    def chat_params(params: dict[str, Any]) -> dict[str, Any]:
        return chat_params(params)


def _previous_id_problem(error: ErrorResponse) -> str | None:
    """Return the note for a request that *error* refuses because of its previous response; else None."""
    if error.code == "previous_response_not_found":
        return _NOT_STORED
    # Other servers send no code of their own. One without the API could not have sent the previous response.
    if error.status == 404 and error.code != "model_not_found":
        return _NOT_STORED
    names_parameter = error.param == _PREVIOUS_ID or _PREVIOUS_ID in error.message
    return _NOT_ACCEPTED if names_parameter else None
