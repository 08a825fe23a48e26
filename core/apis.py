"""The APIs that generate a reply. What they call differently is in the package of each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from core.completions.call import ChatCompletionCall
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.generation.api_name import ApiName
from core.generation.call import GenerationCall
from core.json_values import JsonObject
from core.models.catalog import get_model
from core.responses.call import ResponseCall
from core.responses.request import MIN_OUTPUT_TOKENS, UNSUPPORTED, chat_params, response_params
from core.runs.log import RunLog
from core.runs.run import Run, RunState


class GenerationApi(Protocol):
    """Builds the requests of one API, and makes its calls.

    A request is built as Chat Completions has it, which is the form that conversations are stored in.
    """

    name: ApiName
    label: str
    endpoint: str
    unsupported: Mapping[str, str]
    minimums: Mapping[str, int]  # of parameters whose smallest value is not that of Chat Completions

    def params(self, chat: dict[str, Any]) -> dict[str, Any]:
        """Return the request *chat* as keyword arguments of this API's method."""

    def chat_params(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the request *params* of this API as Chat Completions has it."""

    def new_call(self) -> GenerationCall: ...


class _ChatCompletions:
    name: ApiName = "chat.completions"
    label = "Chat Completions"
    endpoint = ChatCompletionCall.endpoint
    unsupported: Mapping[str, str] = {
        "reasoning_summary": "Chat Completions has no reasoning summaries.",
        "truncation": "Chat Completions refuses a request that is too long.",
        "include": "Chat Completions has no additional output.",
        "background": "Chat Completions has no background mode.",
    }
    minimums: Mapping[str, int] = {}

    def params(self, chat: dict[str, Any]) -> dict[str, Any]:
        return chat

    def chat_params(self, params: dict[str, Any]) -> dict[str, Any]:
        return params

    def new_call(self) -> GenerationCall:
        return ChatCompletionCall()


class _Responses:
    name: ApiName = "responses"
    label = "Responses"
    endpoint = ResponseCall.endpoint
    unsupported = UNSUPPORTED
    minimums: Mapping[str, int] = {"max_completion_tokens": MIN_OUTPUT_TOKENS}

    def params(self, chat: dict[str, Any]) -> dict[str, Any]:
        return response_params(chat)

    def chat_params(self, params: dict[str, Any]) -> dict[str, Any]:
        return chat_params(params)

    def new_call(self) -> GenerationCall:
        return ResponseCall()


_APIS: tuple[GenerationApi, ...] = (_ChatCompletions(), _Responses())
APIS: Mapping[ApiName, GenerationApi] = {api.name: api for api in _APIS}


def default_api(model_id: str) -> ApiName:
    """Return Responses for a model that has no other API, else Chat Completions."""
    return "responses" if get_model(model_id).responses_only else "chat.completions"


def api_of(endpoint: str) -> GenerationApi:
    """Return the API of a run by its endpoint, Chat Completions for `chat.completions.parse`."""
    return APIS["responses" if endpoint.startswith("responses.") else "chat.completions"]


def run_of_reply(run: Run, reply: JsonObject) -> Run:
    """End *run* with *reply*, the completion or response that a batch has returned for its request.

    It fails if *reply* is none. How long it took is not known.
    """
    call, log = api_of(run.endpoint).new_call(), RunLog(run)
    try:
        call.feed(dict(reply), log)
    except PlaygroundError as error:
        log.end(RunState.FAILED, explain(error))
    else:
        log.end(call.end_state(None), **call.result_fields())
    return replace(log.snapshot(), first_token=None, total=None)
