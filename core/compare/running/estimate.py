"""What running cells takes: calls, tokens, cost and time, estimated before they are started."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import Cell, Cells, CellState, cell_states
from core.compare.variants.requests import chat_request
from core.compare.variants.variant import Variant
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.runner.options import default_concurrency
from core.runner.rate_limit_headers import rate_limit
from core.server_kind import ServerKind
from core.tokens.estimate import estimate_tokens

if TYPE_CHECKING:
    from core.client.profile import Profile

# Assumptions for a variant without results: a reply of two paragraphs, at the speed of an average model.
_OUTPUT_TOKENS = 250
_SECONDS_PER_TOKEN = 0.012
_FIRST_TOKEN_SECONDS = 0.7
# Counting tokens takes a millisecond for 3,000 characters; the rest is estimated from so many cases.
_COUNTED_CASES = 40


@dataclass(frozen=True, slots=True)
class VariantEstimate:
    """What the *calls* of a variant take. *cost* is None if no price is known or nothing is charged.

    *list_cost* is at the list price of OpenAI. *seconds* are at the concurrency of the runner and at the rate
    limits that the server has reported with earlier results of the same model.
    """

    variant_id: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    list_cost: Decimal | None
    seconds: float


@dataclass(frozen=True, slots=True)
class BoardEstimate:
    """The estimates of all variants. Variants of different models run at the same time."""

    variants: tuple[VariantEstimate, ...]

    @property
    def calls(self) -> int:
        return sum(variant.calls for variant in self.variants)

    @property
    def tokens(self) -> int:
        return sum(variant.input_tokens + variant.output_tokens for variant in self.variants)

    @property
    def cost(self) -> Decimal | None:
        """The known part of the cost; None if nothing of it is known."""
        known = [variant.cost for variant in self.variants if variant.cost is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def has_unknown_costs(self) -> bool:
        return any(variant.cost is None for variant in self.variants)

    @property
    def seconds(self) -> float:
        return max((variant.seconds for variant in self.variants), default=0.0)


def estimate_board(
    board: Board,
    keys: Sequence[CellKey],
    cells: Cells,
    profiles: "Mapping[str, Profile]",
    when: datetime,
    states: Mapping[CellKey, CellState] | None = None,
) -> BoardEstimate:
    """Estimate running the cells at *keys*, with replies as those in *cells* as far as there are some.

    *states* are the `cell_states` if they are known. Raises PlaygroundError without a vocabulary.
    """
    states = cell_states(board, cells) if states is None else states
    done = (CellState.DONE, CellState.LOST)
    sent = {key: cells[key].run.usage for key, state in states.items() if state in done}
    reported = {key: usage.input_tokens for key, usage in sent.items() if usage}
    by_variant: dict[str, list[CellKey]] = {}
    for key in keys:
        by_variant.setdefault(key.variant_id, []).append(key)
    cases = {case.id: case for case in board.cases}
    estimates = []
    for variant in board.enabled_variants:
        if own := by_variant.get(variant.id):
            profile = profiles.get(variant.profile_id)
            results = [cell for key, cell in cells.items() if key.variant_id == variant.id and cell.is_done]
            kind = profile.kind if profile else "custom"
            # The same request has the same tokens again; only others are counted.
            known = sum(reported.get(key, 0) for key in own)
            inputs = known + _input_tokens(
                variant, [cases[key.case_id] for key in own if key not in reported]
            )
            estimates.append(_estimate(variant, (len(own), inputs), results, kind, when))
    return BoardEstimate(tuple(_share_limits(estimates, board)))


def _estimate(
    variant: Variant, sent: tuple[int, int], results: Sequence[Cell], kind: ServerKind, when: datetime
) -> VariantEstimate:
    """Estimate as many calls with as many input tokens in total as *sent* says."""
    calls, inputs = sent
    outputs = calls * _output_tokens(variant, results)
    terms = BillingTerms(kind, variant.settings.service_tier, billed=False)
    average = Usage(round(inputs / calls), round(outputs / calls))
    cost = cost_of(average, variant.model, when, terms)
    times = [cell.run.total for cell in results if cell.run.total is not None]
    seconds = median(times) if times else _FIRST_TOKEN_SECONDS + outputs / calls * _SECONDS_PER_TOKEN
    return VariantEstimate(
        variant.id,
        calls,
        inputs,
        outputs,
        None if cost.amount is None else cost.amount * calls,
        None if cost.list_amount is None else cost.list_amount * calls,
        max(
            seconds,
            seconds * calls / default_concurrency(kind),
            _seconds_at_limits(results, calls, inputs + outputs),
        ),
    )


def _input_tokens(variant: Variant, cases: Sequence[Case]) -> int:
    """Estimate the tokens of all requests from evenly chosen ones."""
    if not cases:
        return 0
    counted = cases[:: -(-len(cases) // _COUNTED_CASES)]
    requests = (chat_request(variant, case.variables) for case in counted)
    tokens = sum(estimate_tokens(params).tokens for params in requests)
    return round(tokens * len(cases) / len(counted))


def _output_tokens(variant: Variant, results: Iterable[Cell]) -> int:
    known = [cell.run.usage.output_tokens for cell in results if cell.run.usage]
    expected = round(median(known)) if known else _OUTPUT_TOKENS
    return min(expected, variant.settings.max_completion_tokens or expected)


def _seconds_at_limits(results: Sequence[Cell], calls: int, tokens: int) -> float:
    """Return how long *calls* with *tokens* take at the limits in the headers of the latest result."""
    latest = max(results, key=lambda cell: cell.run.started_at, default=None)
    seconds = 0.0
    for unit, needed in (("requests", calls), ("tokens", tokens)):
        limit = rate_limit(latest.run.headers, unit) if latest else None
        if limit and limit.limit:
            seconds = max(seconds, 60 * (needed - limit.remaining) / limit.limit)
    return seconds


def _share_limits(estimates: Sequence[VariantEstimate], board: Board) -> list[VariantEstimate]:
    """Return *estimates* with the time of variants of one model added up: they share its limits."""
    places = {variant.id: (variant.profile_id, variant.model) for variant in board.variants}
    seconds: dict[tuple[str, str], float] = {}
    for each in estimates:
        place = places[each.variant_id]
        seconds[place] = seconds.get(place, 0.0) + each.seconds
    return [replace(each, seconds=seconds[places[each.variant_id]]) for each in estimates]
