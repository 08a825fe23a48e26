"""The table of models is whole, and each fact in it has a source."""

import json
from datetime import date
from typing import Annotated, Literal, get_args

import pytest
from openai.types.shared.chat_model import ChatModel
from pydantic import BaseModel, ConfigDict, Field

from core.models.catalog import MODELS_FILE, ModelTier, get_model

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


class TableFile(Strict):
    as_of: Annotated[date, Field(strict=False)]
    sources: dict[str, str]
    guide: list[GuideRow]
    closures: dict[str, Annotated[date, Field(strict=False)]]
    families: list[FamilyRow]


@pytest.fixture(scope="module")
def table() -> TableFile:
    return TableFile.model_validate(json.loads(MODELS_FILE.read_text(encoding="utf-8")))


def test_names_every_model_once(table: TableFile) -> None:
    ids = [name for row in table.families for name in (row.id, *row.snapshots)]

    assert len(ids) == len(set(ids))


def test_says_where_each_fact_comes_from(table: TableFile) -> None:
    assert {source for row in table.families for source in row.sources} <= set(table.sources)


def test_calls_only_real_facts_assumed(table: TableFile) -> None:
    named = {fact.split(".")[0] for row in table.families for fact in row.assumed}

    assert named <= set(FamilyRow.model_fields)


def test_suggests_only_successors_that_stay(table: TableFile) -> None:
    lasting = {row.id for row in table.families if row.shutdown is None}

    assert {row.successor for row in table.families if row.successor} <= lasting


def test_keeps_input_within_the_window(table: TableFile) -> None:
    assert [row.id for row in table.families if row.max_input > row.context_window] == []


@pytest.mark.parametrize("model_id", get_args(ChatModel))
def test_knows_every_id_of_the_sdk_or_when_it_closed(model_id: str, table: TableFile) -> None:
    known = not get_model(model_id).assumed or model_id in table.closures

    assert known or model_id == "gpt-5.1-mini"  # the SDK itself calls it unsupported
