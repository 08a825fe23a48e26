"""The exact tokens of a request, counted by the server before it is sent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from core.apis import APIS
from core.calls import CallService, new_run
from core.errors.types import NotOpenAICompatible
from core.json_values import json_object, parse_json, storable_json
from core.pricing.usage import Usage
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.token_analysis.request_parser import ParsedRequest, counted_fields

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile

ENDPOINT = "responses.input_tokens.count"
# What every server with the endpoint counts.
_INPUT_FIELDS = ("instructions", "input", "previous_response_id", "conversation")
_MAX_SAFE_INTEGER = 2**53  # the largest integer that every JSON parser reads exactly


class TokenCountCall:
    """One call of `responses.input_tokens.count`.

    The tokens are in the run's response. The call is free, so the run has neither usage nor cost.
    """

    endpoint: ClassVar[str] = ENDPOINT
    is_billed: ClassVar[bool] = False
    # Someone waits for the count, and the estimate is there already.
    is_retried: ClassVar[bool] = False

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        reply = await client.responses.input_tokens.with_raw_response.count(**params)
        log.record_headers(reply.status_code, reply.headers)
        self._fields = {"response": _parse_count(reply.text), "model": str(params["model"])}

    def result_fields(self) -> dict[str, Any]:
        return self._fields

    @staticmethod
    def estimate_usage(_run: Run) -> Usage | None:
        return None

    def end_state(self, error: Exception | None) -> RunState:
        return RunState.FAILED if error else RunState.DONE


@dataclass(frozen=True, slots=True)
class ServerCount:
    """The run of a count; *is_partial*: of the input alone, without tools and schema."""

    run: Run
    is_partial: bool = False

    @property
    def tokens(self) -> int | None:
        """The input tokens; None if the server did not count them, which `run.error` explains."""
        response = self.run.response
        return int(response["input_tokens"]) if response and not self.run.error else None


async def count_on_server(calls: CallService, profile: "Profile", params: dict[str, Any]) -> ServerCount:
    """Count what *params* are, as `count_params` returns them, or the input alone if the server refuses more.

    Servers without the endpoint answer 404 or 405. Raises PlaygroundError if no client can be made.
    """
    run = await _count(calls, profile, params)
    input_alone = {name: value for name, value in params.items() if name in ("model", *_INPUT_FIELDS)}
    if run.error is None or run.error.status not in (400, 422) or input_alone == params:
        return ServerCount(run)
    retried = await _count(calls, profile, input_alone)
    return ServerCount(run) if retried.error else ServerCount(retried, is_partial=True)


async def _count(calls: CallService, profile: "Profile", params: dict[str, Any]) -> Run:
    run = new_run("tokens", ENDPOINT, params, profile)
    return await calls.run(run, TokenCountCall(), profile)


def count_params(request: ParsedRequest, model_id: str) -> dict[str, Any]:
    """Return *request* as the arguments of `responses.input_tokens.count`.

    Malformed parts are sent as they are, so that the server reports them.
    """
    if request.api == "chat.completions":
        request = ParsedRequest(APIS["responses"].params(dict(request.params)), "responses")
    return {"model": model_id, **counted_fields(request)}


def _parse_count(text: str) -> dict[str, Any]:
    """Parse the body of the response, which may be anything."""
    try:
        body = dict(json_object(storable_json(parse_json(text))))
    except ValueError:
        body = {}
    tokens = body.get("input_tokens")
    if type(tokens) is not int or not 0 <= tokens < _MAX_SAFE_INTEGER:
        raise NotOpenAICompatible("The response of the server is not a token count")
    return body
