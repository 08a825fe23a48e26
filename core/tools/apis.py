"""The APIs that a loop can use."""

from collections.abc import Mapping

from core.generation.api_name import ApiName
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.model_api import ModelApi
from core.tools.responses import ResponsesApi

MODEL_APIS: Mapping[ApiName, ModelApi] = {
    "chat.completions": ChatCompletionsApi(),
    "responses": ResponsesApi(),
}


def model_api_of(endpoint: str) -> ModelApi:
    """Return the API of a run by its endpoint."""
    return next(api for api in MODEL_APIS.values() if api.endpoint == endpoint)
