"""The app's model data and token estimates agree with what the sandbox rejects and bills."""

from collections.abc import Iterator
from typing import Any

import pytest
from openai import BadRequestError, DefaultHttpx2Client, OpenAI

from core.models.catalog import Model, get_model, model_families
from core.models.parameter_support import unsupported_parameters
from core.pricing.usage import Usage
from core.sandbox.server import SandboxServer
from core.tokens.estimate import estimate_tokens


def parameter_support(model: Model) -> tuple[object, ...]:
    return model.sampling, model.efforts, model.reasoning, model.max_tokens, model.stop


# One model for each combination, because another one with the same support would test the same.
CHAT_MODELS = list(
    {parameter_support(model): model for model in model_families() if model.kind == "chat"}.values()
)
PARAMETERS = [
    pytest.param({"temperature": 0.2}, id="temperature"),
    pytest.param({"temperature": 0.2, "reasoning_effort": "none"}, id="temperature at no effort"),
    pytest.param({"top_p": 0.5, "reasoning_effort": "high"}, id="top_p at high effort"),
    pytest.param({"logprobs": True}, id="logprobs"),
    pytest.param({"max_tokens": 16}, id="max_tokens"),
    pytest.param({"stop": ["END"]}, id="stop"),
    pytest.param({"reasoning_effort": "minimal"}, id="minimal effort"),
    pytest.param({"reasoning_effort": "xhigh"}, id="extra high effort"),
]


@pytest.fixture(scope="module")
def client() -> Iterator[OpenAI]:
    with SandboxServer() as server, DefaultHttpx2Client(trust_env=False) as http_client:
        yield OpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)


def is_rejected(client: OpenAI, model: Model, params: dict[str, Any]) -> bool:
    messages: Any = [{"role": "user", "content": "Say hi."}]
    try:
        client.chat.completions.create(model=model.id, messages=messages, **params)
    except BadRequestError:
        return True
    return False


@pytest.mark.parametrize("params", PARAMETERS)
def test_rejects_the_parameters_that_the_server_rejects(client: OpenAI, params: dict[str, Any]) -> None:
    rejected = {
        model.id: not unsupported_parameters(model, params).keys().isdisjoint(params) for model in CHAT_MODELS
    }

    assert rejected == {model.id: is_rejected(client, model, params) for model in CHAT_MODELS}


@pytest.mark.parametrize("params", PARAMETERS)
def test_the_server_accepts_the_remaining_parameters(client: OpenAI, params: dict[str, Any]) -> None:
    for model in CHAT_MODELS:
        unsupported = unsupported_parameters(model, params)
        supported = {name: value for name, value in params.items() if name not in unsupported}
        assert not is_rejected(client, model, supported)


@pytest.mark.parametrize("model_id", ["gpt-6-luna", "gpt-4o", "gpt-4", "gpt-3.5-turbo", "o3"])
@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([{"role": "user", "content": "Say hi."}], id="one message"),
        pytest.param(
            [{"role": "user", "name": "mina", "content": "안녕하세요 👩‍👩‍👧‍👦"}], id="named, Korean"
        ),
        pytest.param(
            [{"role": "user", "content": [{"type": "text", "text": "Say hi."}]}], id="content parts"
        ),
        pytest.param([{"role": "user", "content": "<|endoftext|> " * 3}], id="special tokens"),
        pytest.param(
            [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Say hi."},
                {"role": "assistant", "content": "Hi."},
                {"role": "user", "content": "Again."},
            ],
            id="conversation",
        ),
    ],
)
def test_estimates_the_tokens_that_the_server_bills(client: OpenAI, model_id: str, messages: Any) -> None:
    billed = Usage.of(client.chat.completions.create(model=model_id, messages=messages).usage)

    assert billed is not None
    assert estimate_tokens({"model": model_id, "messages": messages}).tokens == billed.input_tokens


def test_has_data_of_every_model_that_the_server_lists(client: OpenAI) -> None:
    assert [model.id for model in client.models.list() if get_model(model.id).assumed] == []
