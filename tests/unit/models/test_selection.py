"""A default model is selected, models are recommended by size, and capabilities are shown as badges."""

import pytest

from core.models.catalog import ModelKind, get_model, model_families
from core.models.selection import badges, default_model_id, recommend_models


@pytest.mark.parametrize(
    ("kind", "available", "expected"),
    [
        pytest.param("chat", [m.id for m in model_families()], "gpt-6-luna", id="the whole catalog"),
        pytest.param("embedding", [m.id for m in model_families()], "text-embedding-3-small", id="embedding"),
        pytest.param("chat", ["o1", "gpt-4o", "gpt-4o-mini"], "gpt-4o-mini", id="only deprecated ones"),
        pytest.param("chat", ["nomic-embed-text", "zephyr", "llama3.2"], "zephyr", id="local, the first"),
        pytest.param("chat", ["whisper-1"], None, id="no chat model"),
    ],
)
def test_selects_a_default_model(kind: ModelKind, available: list[str], expected: str | None) -> None:
    assert default_model_id(kind, available) == expected


def test_recommends_models_from_small_to_frontier() -> None:
    assert [recommendation.model.id for recommendation in recommend_models()] == [
        "gpt-6-luna",
        "gpt-6.1-terra",
        "gpt-6.2-sol",
        "gpt-6.2-astra",
    ]


def test_recommends_no_missing_or_deprecated_model() -> None:
    assert [
        recommendation.model.id for recommendation in recommend_models({"gpt-4o-mini", "gpt-5.6-luna"})
    ] == ["gpt-5.6-luna"]


def test_returns_a_badge_for_each_capability() -> None:
    assert [badge.label for badge in badges(get_model("gpt-6-luna"))] == [
        "vision",
        "tools",
        "reasoning",
        "structured outputs",
        "long context",
    ]


def test_returns_one_badge_for_an_unknown_model() -> None:
    assert [badge.label for badge in badges(get_model("llama3.2"))] == ["unknown model"]
