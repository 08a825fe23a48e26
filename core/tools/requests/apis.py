"""The APIs that a loop can use: each builds the request of a round and reads its response."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from core.apis import APIS, GenerationApi
from core.generation.api_name import ApiName
from core.generation.call import GenerationCall
from core.json_values import json_object, json_objects
from core.models.catalog import get_model
from core.responses.request import ENCRYPTED_REASONING
from core.tools.definitions.definition import ToolDefinition
from core.tools.requests import messages
from core.tools.requests.model_api import Exchange, LoopRequest, ModelTurn, ToolSettings, read_calls

_CALL, _RESULT = "function_call", "function_call_output"


class ModelApi(ABC):
    """An API of a model. Its requests are written from those of Chat Completions."""

    def __init__(self, api: GenerationApi) -> None:
        self._api = api
        self.endpoint = api.endpoint

    def new_call(self) -> GenerationCall:
        return self._api.new_call()

    def build_request(
        self,
        settings: ToolSettings,
        tools: Sequence[ToolDefinition],
        question: str,
        history: Sequence[Exchange],
    ) -> dict[str, Any]:
        """Return the arguments of the call that continues *history*."""
        return self._api.params(messages.build_request(settings, tools, question, history))

    def read_request(self, params: Mapping[str, Any]) -> LoopRequest:
        """Read what `build_request` has built."""
        request = messages.read_request(self._api.chat_params(dict(params)))
        return replace(request, settings=replace(request.settings, api=self._api.name))

    @abstractmethod
    def read_response(self, response: Mapping[str, Any] | None, round_number: int) -> ModelTurn:
        """Read a response, or the part of it that has arrived. Calls without an id get one."""


class ChatCompletionsApi(ModelApi):
    def __init__(self) -> None:
        super().__init__(APIS["chat.completions"])

    def read_response(self, response: Mapping[str, Any] | None, round_number: int) -> ModelTurn:
        choices = json_objects(json_object(response).get("choices"))
        message = json_object(choices[0].get("message")) if choices else {}
        return messages.read_message(message, round_number)


class ResponsesApi(ModelApi):
    """The Responses API, in which the output of a round is sent back as it is.

    A model that reasons goes on where it was, and without its reasoning the API refuses calls with their ids:
    https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
    """

    def __init__(self) -> None:
        super().__init__(APIS["responses"])

    def build_request(
        self,
        settings: ToolSettings,
        tools: Sequence[ToolDefinition],
        question: str,
        history: Sequence[Exchange],
    ) -> dict[str, Any]:
        params = super().build_request(settings, tools, question, history)
        if history:
            params["input"] = [{"role": "user", "content": question}]
            for exchange in history:
                params["input"] += exchange.turn.output
                params["input"] += [
                    {"type": _RESULT, "call_id": call.id, "output": exchange.results[call.id]}
                    for call in exchange.turn.calls
                ]
        # Reasoning is sent back by its id where responses are stored, and otherwise only if it is encrypted.
        # Models that do not reason refuse the parameter.
        if get_model(settings.model).reasoning:
            params["include"] = [ENCRYPTED_REASONING]
        return params

    def read_request(self, params: Mapping[str, Any]) -> LoopRequest:
        _question, *items = json_objects(params.get("input")) or [{}]
        groups = [[*group] for _, group in groupby(items, lambda item: item.get("type") == _RESULT)]
        history = (
            Exchange(
                self.read_response({"output": output}, number),
                {str(item.get("call_id")): str(item.get("output")) for item in results},
            )
            for number, (output, results) in enumerate(zip(groups[::2], groups[1::2], strict=False), 1)
        )
        return replace(super().read_request(params), history=tuple(history))

    def read_response(self, response: Mapping[str, Any] | None, round_number: int) -> ModelTurn:
        items = json_objects(json_object(response).get("output"))
        outputs = (item for item in items if item.get("type") == "message")
        parts = (part for output in outputs for part in json_objects(output.get("content")))
        texts = (part.get("text") or part.get("refusal") for part in parts)
        text = "".join(text for text in texts if isinstance(text, str))
        requested = [item for item in items if item.get("type") == _CALL]
        calls = read_calls(((item.get("call_id"), item) for item in requested), round_number)
        # The results name the ids that `read_calls` has given.
        fields = iter(
            [{"call_id": call.id, "name": call.name, "arguments": call.arguments} for call in calls]
        )
        output = ({**item, **next(fields)} if item.get("type") == _CALL else item for item in items)
        return ModelTurn(text, calls, tuple(output))


MODEL_APIS: Mapping[ApiName, ModelApi] = {
    "chat.completions": ChatCompletionsApi(),
    "responses": ResponsesApi(),
}


def model_api_of(endpoint: str) -> ModelApi:
    """Return the API of a run by its endpoint."""
    return next(api for api in MODEL_APIS.values() if api.endpoint == endpoint)
