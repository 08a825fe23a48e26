"""Unsupported parameters are found by model and effort, with a reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.catalog import REASONING_EFFORTS, Model, get_model, model_families
from core.models.parameter_support import SAMPLING_PARAMETERS, unsupported_include, unsupported_parameters


@pytest.mark.parametrize(
    ("model_id", "params", "unsupported"),
    [
        pytest.param("gpt-4o", {}, False, id="no reasoning model"),
        pytest.param("gpt-5", {}, True, id="always reasons"),
        pytest.param("gpt-6.1-sol", {"reasoning_effort": "low"}, True, id="has no effort none"),
        pytest.param("gpt-5.1", {}, False, id="effort none is the default"),
        pytest.param("gpt-5.1", {"reasoning_effort": "low"}, True, id="effort none is overridden"),
        pytest.param("gpt-6-luna", {}, True, id="effort medium is the default"),
        pytest.param("gpt-6-luna", {"reasoning_effort": "none"}, False, id="effort none is sent"),
        pytest.param(
            "llama3.2", {"reasoning_effort": "high"}, False, id="an unknown model supports everything"
        ),
    ],
)
def test_supports_sampling_depending_on_the_effort(
    model_id: str, params: dict[str, Any], unsupported: bool
) -> None:
    assert (
        set(SAMPLING_PARAMETERS) <= set(unsupported_parameters(get_model(model_id), params))
    ) is unsupported


@pytest.mark.parametrize(
    ("model_id", "params", "unsupported"),
    [
        pytest.param("gpt-4o", {}, False, id="always"),
        pytest.param("gpt-6-astra", {}, True, id="Responses only"),
        pytest.param("gpt-6-luna", {}, True, id="effort none is not sent"),
        pytest.param("gpt-6-luna", {"reasoning_effort": "none"}, False, id="effort none is sent"),
        pytest.param("gpt-5.4", {}, False, id="effort is omitted"),
        pytest.param("gpt-5.4", {"reasoning_effort": "low"}, True, id="beside an effort"),
        pytest.param("text-embedding-3-small", {}, True, id="an embedding model"),
    ],
)
def test_supports_tools_depending_on_the_effort(
    model_id: str, params: dict[str, Any], unsupported: bool
) -> None:
    assert ("tools" in unsupported_parameters(get_model(model_id), params)) is unsupported


@pytest.mark.parametrize(
    ("model_id", "params", "name"),
    [
        ("gpt-5", {}, "max_tokens"),
        ("o3", {}, "stop"),
        ("gpt-4o", {}, "reasoning_effort"),
        ("gpt-5", {"reasoning_effort": "none"}, "reasoning_effort"),
        ("gpt-4", {"response_format": {"type": "json_schema"}}, "response_format"),
        ("text-embedding-ada-002", {}, "dimensions"),
        ("text-embedding-3-small", {}, "stream"),
    ],
)
def test_gives_the_reason_for_an_unsupported_parameter(
    model_id: str, params: dict[str, Any], name: str
) -> None:
    assert get_model(model_id).family in unsupported_parameters(get_model(model_id), params)[name]


@pytest.mark.parametrize(
    ("model_id", "params", "name"),
    [
        ("gpt-4o", {}, "max_tokens"),
        ("gpt-5", {"reasoning_effort": "minimal"}, "reasoning_effort"),
        ("gpt-4", {"response_format": {"type": "json_object"}}, "response_format"),
        ("text-embedding-3-small", {}, "dimensions"),
        ("llama3.2", {"reasoning_effort": "max"}, "reasoning_effort"),
    ],
)
def test_supports_a_parameter(model_id: str, params: dict[str, Any], name: str) -> None:
    assert name not in unsupported_parameters(get_model(model_id), params)


@given(st.sampled_from(model_families()), st.sampled_from((None, *REASONING_EFFORTS)))
def test_gives_every_reason_as_a_short_sentence(model: Model, effort: str | None) -> None:
    reasons = unsupported_parameters(model, {"reasoning_effort": effort}).values()

    assert all(reason.endswith(".") and len(reason) < 120 for reason in reasons)


def test_supports_encrypted_reasoning_if_the_model_reasons() -> None:
    assert unsupported_include(get_model("gpt-4.1-mini")) == {
        "reasoning.encrypted_content": f"{get_model('gpt-4.1-mini').family} is not a reasoning model."
    }
    assert unsupported_include(get_model("gpt-5")) == unsupported_include(get_model("llama3.2")) == {}
