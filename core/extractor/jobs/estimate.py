"""What extracting from documents takes: tokens, cost and time, estimated before it is started."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from sys import maxsize

from core.completions.request import ChatSettings
from core.extractor.documents import TextDocument
from core.extractor.jobs.reply_size import reply_size
from core.extractor.request import Extraction, chat_request
from core.pricing.prices import BillingTerms, Cost, cost_of, total_cost
from core.pricing.usage import Usage
from core.runner.limiter import INITIAL_LIMIT
from core.runner.options import default_concurrency
from core.server_kind import ServerKind
from core.tokens.encodings import count_tokens, encoding_for_model
from core.tokens.estimate import estimate_tokens

# Counting all tokens of 5,000 documents takes seconds; these give the tokens per character.
_SAMPLED_DOCUMENTS, _SAMPLED_CHARACTERS = 200, 2_000
# Seconds to the first token, and tokens per second: assumed for an average model, and those of the latency
# "fast" with which the app starts the sandbox.
_PACE, SANDBOX_PACE = (1.0, 80.0), (0.2, 100.0)


@dataclass(frozen=True, slots=True)
class ExtractionEstimate:
    """What *calls* requests, one for each document, take together."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: Cost
    seconds: float

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


def estimate_extraction(
    documents: Sequence[TextDocument],
    extraction: Extraction,
    settings: ChatSettings,
    kind: ServerKind,
    when: datetime,
) -> ExtractionEstimate:
    """Estimate the extraction from *documents*, of which there is at least one, at the prices of *when*.

    Raises PlaygroundError without a vocabulary, or if no request can be made for the schema.
    """
    overhead = estimate_tokens(chat_request(replace(extraction, text=""), settings)).tokens
    encoding = encoding_for_model(settings.model).name
    step = ceil(len(documents) / _SAMPLED_DOCUMENTS)
    sample = "\n".join(document.text[:_SAMPLED_CHARACTERS] for document in documents[::step])
    per_character = count_tokens(sample, encoding) / max(len(sample), 1)
    sizes = [ceil(per_character * len(document.text)) for document in documents]
    reply, limit = reply_size(extraction.document.schema, encoding), settings.max_completion_tokens
    usages = [Usage(overhead + size, min(reply.tokens(size), limit or maxsize)) for size in sizes]
    terms = BillingTerms(kind, settings.service_tier, billed=False)
    # One by one, because a long request can have other prices.
    costs = [cost_of(usage, settings.model, when, terms) for usage in usages]
    output = sum(usage.output_tokens for usage in usages)
    tokens = output / len(documents)
    first_token, tokens_per_second = SANDBOX_PACE if kind == "sandbox" else _PACE
    return ExtractionEstimate(
        len(documents),
        sum(usage.input_tokens for usage in usages),
        output,
        total_cost(costs) or Cost(None, ""),
        _rounds(len(documents), default_concurrency(kind)) * (first_token + tokens / tokens_per_second),
    )


def _rounds(calls: int, concurrency: int) -> int:
    """Return how many replies follow each other, if the limiter doubles its slots with each of them."""
    rounds, slots = 0, min(INITIAL_LIMIT, concurrency)
    while calls > 0 and slots < concurrency:
        calls -= slots
        rounds, slots = rounds + 1, min(2 * slots, concurrency)
    return rounds + ceil(max(calls, 0) / concurrency)
