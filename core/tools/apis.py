"""The APIs that a loop can use: each builds the request of a round and reads its response."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.apis import APIS, GenerationApi
from core.generation.api_name import ApiName
from core.generation.call import GenerationCall
from core.json_values import json_object, json_objects
from core.tools import messages
from core.tools.definition import ToolDefinition
from core.tools.model_api import Exchange, ModelTurn, SentQuestion, ToolSettings, read_calls


class ModelApi(ABC):
    """An API of a model. Its requests are written from those of Chat Completions.

    So a request contains the earlier calls without the ids of their items: in the Responses API, an item with
    an id would be refused without the reasoning item before it.
    """

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

    def read_request(self, params: Mapping[str, Any]) -> SentQuestion:
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
    def __init__(self) -> None:
        super().__init__(APIS["responses"])

    def read_response(self, response: Mapping[str, Any] | None, round_number: int) -> ModelTurn:
        items = json_objects(json_object(response).get("output"))
        outputs = (item for item in items if item.get("type") == "message")
        parts = (part for output in outputs for part in json_objects(output.get("content")))
        texts = (part.get("text") or part.get("refusal") for part in parts)
        calls = ((item.get("call_id"), item) for item in items if item.get("type") == "function_call")
        text = "".join(text for text in texts if isinstance(text, str))
        return ModelTurn(text, read_calls(calls, round_number))


MODEL_APIS: Mapping[ApiName, ModelApi] = {
    "chat.completions": ChatCompletionsApi(),
    "responses": ResponsesApi(),
}


def model_api_of(endpoint: str) -> ModelApi:
    """Return the API of a run by its endpoint."""
    return next(api for api in MODEL_APIS.values() if api.endpoint == endpoint)
