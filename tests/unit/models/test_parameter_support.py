"""An id finds its facts, and what a model refuses is said with a reason."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.availability import available_models, model_lifecycle
from core.models.catalog import REASONING_EFFORTS, Model, ModelKind, get_model, model_families
from core.models.parameter_support import SAMPLING_PARAMETERS, unsupported_parameters
from core.models.selection import badges, default_model_id, recommend_models

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("model_id", "family"),
    [
        pytest.param("gpt-4o", "gpt-4o", id="exact"),
        pytest.param("gpt-4o-2024-08-06", "gpt-4o", id="snapshot"),
        pytest.param("gpt-6-sol-2026-09-01", "gpt-6-sol", id="a snapshot to come"),
        pytest.param("ft:gpt-4o-mini-2024-07-18:org::id", "gpt-4o-mini", id="fine-tuned snapshot"),
        pytest.param("ft:gpt-4.1:org:name:id", "gpt-4.1", id="fine-tuned"),
        pytest.param("openai/gpt-5.4-mini", "gpt-5.4-mini", id="with its vendor"),
    ],
)
def test_finds_the_family(model_id: str, family: str) -> None:
    found = get_model(model_id)

    assert (found.id, found.family, found.assumed) == (model_id, family, False)


@given(st.text(max_size=80))
def test_finds_something_for_any_id(model_id: str) -> None:
    assert get_model(model_id).id == model_id


@pytest.mark.parametrize(
    ("model_id", "kind"),
    [
        ("llama3.2:latest", "chat"),
        ("qwen2.5-7b-instruct", "chat"),
        ("nomic-embed-text", "embedding"),
        ("bge-m3", "embedding"),
        ("whisper-1", "other"),
        ("gpt-image-2", "other"),
        ("omni-moderation-latest", "other"),
    ],
)
def test_guesses_what_an_unknown_model_is_for(model_id: str, kind: ModelKind) -> None:
    assert (get_model(model_id).kind, get_model(model_id).assumed) == (kind, True)


def test_gives_a_snapshot_its_own_last_day() -> None:
    assert get_model("gpt-4o-2024-05-13").shutdown == date(2026, 10, 23)
    assert get_model("gpt-4o").shutdown == date(2027, 1, 14)


def test_knows_when_an_id_without_facts_closed() -> None:
    assert get_model("chatgpt-4o-latest").shutdown == date(2026, 2, 17)


@pytest.mark.parametrize(
    ("model_id", "params", "refused"),
    [
        pytest.param("gpt-4o", {}, False, id="a model that does not reason samples"),
        pytest.param("gpt-5", {}, True, id="one that always reasons does not"),
        pytest.param("gpt-6.1-sol", {"reasoning_effort": "low"}, True, id="nor one without the effort none"),
        pytest.param("gpt-5.1", {}, False, id="effort none is the default"),
        pytest.param("gpt-5.1", {"reasoning_effort": "low"}, True, id="unless it is raised"),
        pytest.param("gpt-6-luna", {}, True, id="effort medium is the default"),
        pytest.param("gpt-6-luna", {"reasoning_effort": "none"}, False, id="unless it is none"),
        pytest.param("llama3.2", {"reasoning_effort": "high"}, False, id="an unknown model takes all"),
    ],
)
def test_refuses_sampling_by_effort(model_id: str, params: dict[str, Any], refused: bool) -> None:
    assert (set(SAMPLING_PARAMETERS) <= set(unsupported_parameters(get_model(model_id), params))) is refused


@pytest.mark.parametrize(
    ("model_id", "params", "refused"),
    [
        pytest.param("gpt-4o", {}, False, id="always"),
        pytest.param("gpt-6-astra", {}, True, id="Responses only"),
        pytest.param("gpt-6-luna", {}, True, id="not without saying none"),
        pytest.param("gpt-6-luna", {"reasoning_effort": "none"}, False, id="with none said"),
        pytest.param("gpt-5.4", {}, False, id="with the effort omitted"),
        pytest.param("gpt-5.4", {"reasoning_effort": "low"}, True, id="not beside an effort"),
        pytest.param("text-embedding-3-small", {}, True, id="an embedding"),
    ],
)
def test_refuses_tools_by_effort(model_id: str, params: dict[str, Any], refused: bool) -> None:
    assert ("tools" in unsupported_parameters(get_model(model_id), params)) is refused


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
def test_refuses(model_id: str, params: dict[str, Any], name: str) -> None:
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
def test_accepts(model_id: str, params: dict[str, Any], name: str) -> None:
    assert name not in unsupported_parameters(get_model(model_id), params)


@given(st.sampled_from(model_families()), st.sampled_from((None, *REASONING_EFFORTS)))
def test_gives_every_refusal_a_sentence(model: Model, effort: str | None) -> None:
    reasons = unsupported_parameters(model, {"reasoning_effort": effort}).values()

    assert all(reason.endswith(".") and len(reason) < 120 for reason in reasons)


@pytest.mark.parametrize(
    ("model_id", "text"),
    [
        pytest.param("gpt-6-luna", "", id="open"),
        pytest.param("gpt-4o", "shuts down on 14 Jan 2027, in 53 days; try gpt-6-sol", id="closing"),
        pytest.param("o3-mini", "shut down on 23 Oct 2026; try gpt-6-luna", id="closed"),
        pytest.param("chatgpt-4o-latest", "shut down on 17 Feb 2026", id="closed, with no successor"),
    ],
)
def test_says_how_long_a_model_lasts(model_id: str, text: str) -> None:
    assert model_lifecycle(get_model(model_id), TODAY).text == text


def test_believes_the_server_before_the_table() -> None:
    assert model_lifecycle(get_model("gpt-4o"), TODAY, date(2026, 11, 23)).text.startswith(
        "shuts down on 23 Nov 2026, tomorrow"
    )


def test_calls_the_last_day_closed() -> None:
    assert model_lifecycle(get_model("gpt-4o"), date(2027, 1, 14)).status == "closed"


def test_offers_only_what_the_server_lists() -> None:
    live = {"llama3.2": None, "o1": None, "gpt-6-luna": None, "gpt-9": date(2026, 1, 1)}

    assert [entry.model.id for entry in available_models(live, TODAY)] == [
        "gpt-6-luna",
        "llama3.2",
        "o1",
        "gpt-9",
    ]


def test_offers_the_table_when_the_server_cannot_say() -> None:
    entries = available_models(None, TODAY)

    assert {entry.model.id for entry in entries} == {model.id for model in model_families()}
    assert not any(entry.listed for entry in entries)


@pytest.mark.parametrize(
    ("kind", "available", "chosen"),
    [
        pytest.param("chat", [m.id for m in model_families()], "gpt-6-luna", id="all of them"),
        pytest.param("embedding", [m.id for m in model_families()], "text-embedding-3-small", id="embedding"),
        pytest.param("chat", ["o1", "gpt-4o", "gpt-4o-mini"], "gpt-4o-mini", id="only closing ones"),
        pytest.param("chat", ["nomic-embed-text", "zephyr", "llama3.2"], "zephyr", id="local, the first"),
        pytest.param("chat", ["whisper-1"], None, id="none that chats"),
    ],
)
def test_picks_where_to_start(kind: ModelKind, available: list[str], chosen: str | None) -> None:
    assert default_model_id(kind, available) == chosen


def test_guides_from_small_to_large() -> None:
    assert [advice.model.id for advice in recommend_models()] == [
        "gpt-6-luna",
        "gpt-6.1-terra",
        "gpt-6.2-sol",
        "gpt-6.2-astra",
    ]


def test_guides_to_nothing_that_is_missing_or_closing() -> None:
    assert [advice.model.id for advice in recommend_models({"gpt-4o-mini", "gpt-5.6-luna"})] == [
        "gpt-5.6-luna"
    ]


def test_labels_capabilities() -> None:
    assert [badge.label for badge in badges(get_model("gpt-6-luna"))] == [
        "sees images",
        "tools",
        "reasoning",
        "structured",
        "long context",
    ]


def test_labels_an_unknown_model_as_such() -> None:
    assert [badge.label for badge in badges(get_model("llama3.2"))] == ["unknown model"]


def test_costs_little_to_import() -> None:
    script = "import sys, core.models; print(*{'openai', 'tiktoken', 'genai_prices'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == ""
