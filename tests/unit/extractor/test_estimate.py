"""What an extraction takes is estimated before it is started, for any number and size of documents."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openai import OpenAI

from core.completions.request import ChatSettings
from core.extractor.documents import TextDocument
from core.extractor.jobs.estimate import SANDBOX_PACE, ExtractionEstimate, estimate_extraction
from core.extractor.jobs.reply_size import reply_size
from core.extractor.request import Extraction, build_request
from core.extractor.schemas.presets import presets
from core.json_schema.schema import JsonSchema, SchemaDocument
from core.sandbox.server import SandboxServer
from core.sandbox.simulation.latency import PRESETS
from core.server_kind import ServerKind
from core.tokens.estimate import estimate_tokens

NEWS = presets()["news"]
MODEL = "gpt-4o"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def closed(properties: JsonSchema) -> JsonSchema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TYPES: list[JsonSchema] = [
    {"type": "string"},
    {"type": "integer"},
    {"type": ["number", "null"]},
    {"type": "boolean"},
    {"type": "string", "enum": ["low", "high"]},
    {"type": "string", "format": "date"},
    {"type": "array", "items": {"type": "string"}},
]
SCHEMAS = {
    "wide": SchemaDocument("Wide", closed({f"field_{number}": TYPES[number % 7] for number in range(70)})),
    "deep": SchemaDocument("Deep", closed({"a": closed({"b": closed({"c": TYPES[0], "d": TYPES[1]})})})),
}
BRANCHES = {"type": "object", "properties": {f"b{n}": {"$ref": f"#/$defs/b{n}"} for n in range(12)}}
RECURSIVE = {**BRANCHES, "$defs": {f"b{number}": BRANCHES for number in range(12)}}


@pytest.fixture(scope="module")
def sandbox_client() -> Iterator[OpenAI]:
    with SandboxServer() as server, OpenAI(base_url=server.url, api_key=server.key) as client:
        yield client


def estimate(
    texts: Sequence[str],
    kind: ServerKind = "openai",
    max_tokens: int | None = None,
    document: SchemaDocument = NEWS.document,
) -> ExtractionEstimate:
    documents = [TextDocument(str(number), text) for number, text in enumerate(texts)]
    settings = ChatSettings(model=MODEL, max_completion_tokens=max_tokens)
    return estimate_extraction(documents, Extraction(document, ""), settings, kind, WHEN)


@pytest.mark.parametrize("count", [1, 3, 200, 1_000])
def test_is_close_to_the_count_of_each_request(count: int) -> None:
    texts = [NEWS.texts["en"] * (1 + number % 3) for number in range(count)]
    counted = {
        text: estimate_tokens(
            build_request(Extraction(NEWS.document, text), ChatSettings(model=MODEL))
        ).tokens
        for text in set(texts)
    }

    assert estimate(texts).input_tokens == pytest.approx(sum(counted[text] for text in texts), rel=0.1)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [*presets(), "wide", "deep"])
def test_expects_at_most_twice_or_half_of_what_the_sandbox_replies(
    sandbox_client: OpenAI, name: str, language: str
) -> None:
    preset = presets().get(name, presets()["invoice"])
    document, text = SCHEMAS.get(name, preset.document), preset.texts[language]
    settings = ChatSettings(model=MODEL, stream=False)
    reply = sandbox_client.chat.completions.create(**build_request(Extraction(document, text), settings))
    assert reply.usage

    expected = estimate([text], document=document).output_tokens

    assert reply.usage.completion_tokens / 2 <= expected <= 2 * reply.usage.completion_tokens


def test_expects_no_more_than_the_limit_of_the_reply() -> None:
    assert estimate(["a", "b"], max_tokens=7).output_tokens == 2 * 7


def test_expects_no_longer_texts_than_the_document_has() -> None:
    short, long = estimate(["Ulm"]), estimate([NEWS.texts["en"] * 50])

    assert short.output_tokens < long.output_tokens < 100


@pytest.mark.parametrize("schema", [{"$ref": "#"}, RECURSIVE, {}, {"anyOf": []}, {"type": []}])
def test_ends_for_a_schema_without_an_end(schema: JsonSchema) -> None:
    assert reply_size(schema, "o200k_base").structure < 50_000


def test_has_the_list_price_of_all_requests() -> None:
    one, many = estimate([NEWS.texts["ko"]]), estimate([NEWS.texts["ko"]] * 5_000)

    assert one.cost.amount
    assert many.calls == 5_000
    assert many.cost.amount is not None
    assert many.cost.amount / one.cost.amount == pytest.approx(Decimal(5_000), rel=Decimal("0.01"))


@pytest.mark.parametrize("kind", ["sandbox", "local", "custom", "azure"])
def test_has_no_amount_for_a_server_without_prices(kind: ServerKind) -> None:
    cost = estimate(["a"], kind).cost

    assert not cost.amount
    assert cost.list_amount


def test_takes_longer_on_a_server_that_gets_fewer_requests_at_once() -> None:
    texts = ["a"] * 100

    assert estimate(texts, "local").seconds > estimate(texts, "openai").seconds > 0


def test_knows_the_pace_of_the_sandbox() -> None:
    latency = PRESETS["fast"]  # with which the app starts it
    one = estimate(["a"], "sandbox")

    assert (latency.ttft, latency.tps) == SANDBOX_PACE
    assert one.seconds == pytest.approx(latency.ttft + one.output_tokens / latency.tps)
    # 4, 8, 16 and 32 at once, and then 32 again.
    assert estimate(["a"] * 61, "sandbox").seconds == pytest.approx(5 * one.seconds)
