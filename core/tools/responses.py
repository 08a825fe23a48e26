"""The loop over the Responses API."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.json_values import json_object, json_objects
from core.responses.call import ResponseCall
from core.responses.request import chat_params, response_params
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.definition import ToolDefinition
from core.tools.model_api import Exchange, ModelTurn, SentQuestion, ToolSettings, read_calls


class ResponsesApi:
    """Builds the requests and reads the responses of `responses.create`.

    A request is written from the one of Chat Completions, so it contains the earlier calls without the ids of
    their items: an item with an id would be refused without the reasoning item before it.
    """

    endpoint = ResponseCall.endpoint

    def __init__(self) -> None:
        self._chat = ChatCompletionsApi()

    def new_call(self) -> ResponseCall:
        return ResponseCall()

    def build_request(
        self,
        settings: ToolSettings,
        tools: Sequence[ToolDefinition],
        question: str,
        history: Sequence[Exchange],
    ) -> dict[str, Any]:
        return response_params(self._chat.build_request(settings, tools, question, history))

    def read_request(self, params: Mapping[str, Any]) -> SentQuestion:
        request = self._chat.read_request(chat_params(params))
        return replace(request, settings=replace(request.settings, api="responses"))

    def read_response(self, response: Mapping[str, Any] | None, round_number: int) -> ModelTurn:
        items = json_objects(json_object(response).get("output"))
        messages = (item for item in items if item.get("type") == "message")
        parts = (part for message in messages for part in json_objects(message.get("content")))
        texts = (part.get("text") or part.get("refusal") for part in parts)
        calls = ((item.get("call_id"), item) for item in items if item.get("type") == "function_call")
        return ModelTurn(
            "".join(text for text in texts if isinstance(text, str)), read_calls(calls, round_number)
        )
