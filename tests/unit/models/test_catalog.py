"""The model catalog is complete with a source for each fact, and returns a model for any id."""

import json
import subprocess
import sys
from datetime import date
from typing import Annotated, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.shared.chat_model import ChatModel
from pydantic import BaseModel, ConfigDict, Field

from core.models.catalog import MODELS_FILE, ModelKind, ModelTier, get_model

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


Size = Annotated[int, Field(gt=0)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ReasoningRow(Strict):
    efforts: Annotated[list[Effort], Field(min_length=1)]
    default: Effort


class DimensionsRow(Strict):
    default: Size
    min: Size
    max: Size
    adjustable: bool


class FamilyRow(Strict):
    id: str
    title: str
    kind: Literal["chat", "embedding"]
    context_window: Size
    max_input: Size
    max_output: Annotated[int, Field(ge=0)]
    encoding: Literal["o200k_base", "cl100k_base"]
    encoding_assumed: bool
    input: list[Literal["text", "image"]]
    output: list[Literal["text", "embedding"]]
    reasoning: ReasoningRow | None
    sampling: Literal["always", "never", "effort_none"]
    max_tokens: bool
    stop: bool
    n: bool
    seed: bool
    tools: Literal["always", "never", "effort_none", "effort_none_or_omitted"]
    structured_output: bool
    streaming: bool
    dimensions: DimensionsRow | None
    cache_minimum: Size | None
    cache_writes_billed: bool
    tier: ModelTier | None
    snapshots: list[str]
    shutdown: Annotated[date, Field(strict=False)] | None
    successor: str | None
    assumed: list[str]
    sources: Annotated[list[str], Field(min_length=1)]


class GuideRow(Strict):
    title: str
    advice: str
    tier: ModelTier


class CatalogFile(Strict):
    as_of: Annotated[date, Field(strict=False)]
    sources: dict[str, str]
    guide: list[GuideRow]
    shutdown_dates: dict[str, Annotated[date, Field(strict=False)]]
    families: list[FamilyRow]


@pytest.fixture(scope="module")
def catalog() -> CatalogFile:
    return CatalogFile.model_validate(json.loads(MODELS_FILE.read_text(encoding="utf-8")))


def test_contains_every_id_once(catalog: CatalogFile) -> None:
    ids = [name for row in catalog.families for name in (row.id, *row.snapshots)]

    assert len(ids) == len(set(ids))


def test_has_a_source_for_each_family(catalog: CatalogFile) -> None:
    assert {source for row in catalog.families for source in row.sources} <= set(catalog.sources)


def test_marks_only_existing_facts_as_assumed(catalog: CatalogFile) -> None:
    assumed = {fact.split(".")[0] for row in catalog.families for fact in row.assumed}

    assert assumed <= set(FamilyRow.model_fields)


def test_has_no_deprecated_successor(catalog: CatalogFile) -> None:
    active = {row.id for row in catalog.families if row.shutdown is None}

    assert {row.successor for row in catalog.families if row.successor} <= active


def test_has_no_input_limit_above_the_context_window(catalog: CatalogFile) -> None:
    assert [row.id for row in catalog.families if row.max_input > row.context_window] == []


@pytest.mark.parametrize("model_id", get_args(ChatModel))
def test_contains_every_id_of_the_sdk_or_its_shutdown_date(model_id: str, catalog: CatalogFile) -> None:
    known = not get_model(model_id).assumed or model_id in catalog.shutdown_dates

    assert known or model_id == "gpt-5.1-mini"  # the SDK itself calls it unsupported


@pytest.mark.parametrize(
    ("model_id", "family"),
    [
        pytest.param("gpt-4o", "gpt-4o", id="exact"),
        pytest.param("gpt-4o-2024-08-06", "gpt-4o", id="snapshot"),
        pytest.param("gpt-6-sol-2026-09-01", "gpt-6-sol", id="a snapshot newer than the catalog"),
        pytest.param("ft:gpt-4o-mini-2024-07-18:org::id", "gpt-4o-mini", id="fine-tuned snapshot"),
        pytest.param("ft:gpt-4.1:org:name:id", "gpt-4.1", id="fine-tuned"),
        pytest.param("openai/gpt-5.4-mini", "gpt-5.4-mini", id="with a vendor"),
    ],
)
def test_returns_the_properties_of_the_family(model_id: str, family: str) -> None:
    model = get_model(model_id)

    assert (model.id, model.family, model.assumed) == (model_id, family, False)


@given(st.text(max_size=80))
def test_returns_a_model_for_any_id(model_id: str) -> None:
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
def test_guesses_the_kind_of_an_unknown_model(model_id: str, kind: ModelKind) -> None:
    assert (get_model(model_id).kind, get_model(model_id).assumed) == (kind, True)


def test_gives_a_snapshot_its_own_shutdown_date() -> None:
    assert get_model("gpt-4o-2024-05-13").shutdown == date(2026, 10, 23)
    assert get_model("gpt-4o").shutdown == date(2027, 1, 14)


def test_has_the_shutdown_date_of_an_otherwise_unknown_id() -> None:
    assert get_model("chatgpt-4o-latest").shutdown == date(2026, 2, 17)


def test_imports_no_heavy_package() -> None:
    modules = "catalog, availability, parameter_support, selection"
    script = (
        f"import sys; from core.models import {modules}; "
        "print(*{'openai', 'tiktoken', 'genai_prices'} & set(sys.modules))"
    )

    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == ""


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("o3-pro", True),
        ("o3-pro-2025-06-10", True),
        ("o3-pro-2030-01-01", True),
        ("openai/gpt-5-codex", True),
        ("o3", False),
        ("gpt-6-luna", False),
        ("my-o3-pro", False),
    ],
)
def test_knows_the_models_that_chat_completions_refuses(model_id: str, expected: bool) -> None:
    assert get_model(model_id).responses_only is expected
