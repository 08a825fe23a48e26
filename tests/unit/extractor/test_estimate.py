"""What an extraction takes is estimated before it is started, for any number and size of documents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.completions.request import ChatSettings
from core.extractor.documents import TextDocument
from core.extractor.jobs.estimate import OUTPUT_TOKENS_PER_FIELD, ExtractionEstimate, estimate_extraction
from core.extractor.request import API, Extraction
from core.extractor.schemas.presets import presets
from core.server_kind import ServerKind
from core.tokens.estimate import estimate_tokens

NEWS = presets()["news"]
MODEL = "gpt-4o"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def estimate(
    texts: Sequence[str], kind: ServerKind = "openai", max_tokens: int | None = None
) -> ExtractionEstimate:
    documents = [TextDocument(str(number), text) for number, text in enumerate(texts)]
    settings = ChatSettings(model=MODEL, max_completion_tokens=max_tokens)
    return estimate_extraction(documents, Extraction(NEWS.document, ""), settings, kind, WHEN)


@pytest.mark.parametrize("count", [1, 3, 200, 1_000])
def test_is_close_to_the_count_of_each_request(count: int) -> None:
    texts = [NEWS.texts["en"] * (1 + number % 3) for number in range(count)]
    counted = {
        text: estimate_tokens(API.build(Extraction(NEWS.document, text), ChatSettings(model=MODEL))).tokens
        for text in set(texts)
    }

    assert estimate(texts).input_tokens == pytest.approx(sum(counted[text] for text in texts), rel=0.1)


def test_assumes_tokens_for_each_field_of_the_schema_up_to_the_limit_of_the_reply() -> None:
    fields = len(NEWS.document.schema["properties"])

    assert estimate(["a", "b"]).output_tokens == 2 * fields * OUTPUT_TOKENS_PER_FIELD
    assert estimate(["a", "b"], max_tokens=7).output_tokens == 2 * 7


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


def test_knows_that_the_sandbox_takes_time_for_each_token() -> None:
    assert estimate(["a"], "sandbox").seconds == pytest.approx(0.2 + 4 * OUTPUT_TOKENS_PER_FIELD / 100)
    # 4, 8, 16 and 32 at once, and then 32 again.
    assert estimate(["a"] * 61, "sandbox").seconds == pytest.approx(5 * estimate(["a"], "sandbox").seconds)
