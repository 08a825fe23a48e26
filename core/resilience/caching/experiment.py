"""A long prompt, sent several times: what the prompt cache takes of it, and what keeps it from doing so."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from core.calls import CallService, new_run
from core.client.profile import Profile
from core.models.catalog import get_model
from core.pricing.prices import price_of
from core.runs.run import Run

CAPABILITY = "resilience"
_RULES, _FEW_RULES = 60, 15
_QUESTIONS = (
    "What does rule 3 say?",
    "What does rule 12 say?",
    "What does rule 7 say?",
    "What does rule 14 say?",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def _tool(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


_TOOLS = [_tool("get_rule", "Look up a rule."), _tool("get_price", "Look up the price of a return.")]


def _messages(call: int, edition: str, rules: int = _RULES, beginning: str = "") -> list[dict[str, Any]]:
    handbook = "\n".join(
        f"Rule {number}. Parcels of class {number} are collected on {_DAYS[number % 5]} before "
        f"{8 + number % 9}:30, and a return costs {number + 2} dollars."
        for number in range(1, rules + 1)
    )
    instructions = f"{beginning}Handbook of edition {edition}. Answer from it.\n\n{handbook}"
    return [
        {"role": "system", "content": instructions},
        {"role": "user", "content": _QUESTIONS[call]},
    ]


def example_request() -> dict[str, Any]:
    """Return a request that advice can improve."""
    return {"messages": _messages(0, "3", beginning="It is 2026-11-26 12:00.\n")}


@dataclass(frozen=True, slots=True)
class CacheVariant:
    """Four calls. *change* returns what a call, by its number from 0, has in place of the same prefix.

    *preview* says what will be seen.
    """

    id: str
    label: str
    preview: str
    change: Callable[[int, str], dict[str, Any]] = lambda _call, _edition: {}
    uses_other_model: bool = False


VARIANTS = (
    CacheVariant(
        "same",
        "Same prefix",
        "Four questions about the same handbook, which is first in each request. The first call writes it to "
        "the cache, the others read it from there, in steps of 128 tokens.",
    ),
    CacheVariant(
        "beginning",
        "Time at the beginning",
        "The same handbook after the current time. Nothing behind the first difference is read from the "
        "cache, so the four calls pay for the whole input.",
        lambda call, edition: {"messages": _messages(call, edition, beginning=f"It is 12:0{call}:00.\n")},
    ),
    CacheVariant(
        "tools",
        "Tools in another order",
        "Tools come before the messages. Two tools change places with each call, so a call reads from the "
        "cache only what an earlier one with the same order has written.",
        lambda call, _edition: {"tools": _TOOLS if call % 2 else _TOOLS[::-1], "tool_choice": "none"},
    ),
    CacheVariant(
        "short",
        "Below 1,024 tokens",
        "A quarter of the handbook. A prompt of fewer than 1,024 tokens is never cached.",
        lambda call, edition: {"messages": _messages(call, edition, rules=_FEW_RULES)},
    ),
    CacheVariant(
        "model",
        "Another model",
        "Each second call goes to another model. Every model has a cache of its own, and writes the prompt "
        "to it first.",
        uses_other_model=True,
    ),
    CacheVariant(
        "key",
        "Another prompt_cache_key",
        "The key decides which calls share a cache: four calls of four users with a key each do not.",
        lambda call, _edition: {"prompt_cache_key": f"user-{call}"},
    ),
)


@dataclass(slots=True, eq=False)
class CacheExperiment:
    """Sends the calls of *variant*, one after the other. *edition* makes the prompt a new one.

    *on_change* receives what is saved of the experiment after each call, in a thread.
    """

    variant: CacheVariant
    profile: Profile
    model: str
    other_model: str
    edition: str = field(default_factory=lambda: uuid4().hex[:8])
    runs: list[Run] = field(default_factory=list)
    is_running: bool = True
    is_stopped: bool = False
    on_change: Callable[["CacheRecord"], object] = lambda _record: None

    def requests(self) -> list[dict[str, Any]]:
        """Return the arguments of each call."""
        requests = []
        for call in range(len(_QUESTIONS)):
            is_other = self.variant.uses_other_model and call % 2
            params = {
                "model": self.other_model if is_other else self.model,
                "messages": _messages(call, self.edition),
                "stream": True,
                "stream_options": {"include_usage": True},
                **self.variant.change(call, self.edition),
            }
            # With tools, models that reason by default require this.
            if "tools" in params and "none" in get_model(params["model"]).efforts:
                params["reasoning_effort"] = "none"
            requests.append(params)
        return requests

    async def run(self, calls: CallService) -> None:
        """Send all calls; the first that fails is the last. Cancellation stops the call under way."""
        from core.completions.call import ChatCompletionCall

        try:
            for params in self.requests():
                run = new_run(CAPABILITY, ChatCompletionCall.endpoint, params, self.profile)
                self.runs.append(await calls.run(run, ChatCompletionCall(), self.profile))
                await asyncio.to_thread(self.on_change, self.record())
                if self.runs[-1].error:
                    return
        except asyncio.CancelledError:
            self.is_stopped = True
            raise
        finally:
            self.is_running = False

    def record(self) -> "CacheRecord":
        """Return what is saved of the experiment: the rest is in its runs."""
        return CacheRecord(
            self.variant.id, self.edition, self.model, self.other_model, tuple(run.id for run in self.runs)
        )

    def summary(self) -> str:
        """Say what the calls after the first have read from the cache, and why some are missing."""
        sentences = [cache_summary([run for run in self.runs if run.error is None])]
        number, total = len(self.runs), len(_QUESTIONS)
        if number and (error := self.runs[-1].error):
            sentences.append(f"Call {number} failed ({error.title}), so no further call was sent.")
        elif self.is_stopped or number < total:
            sentences.append(f"Stopped after {number} of {total} calls.")
        return " ".join(filter(None, sentences))


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """An experiment as it is saved, with the ids of its runs."""

    variant_id: str
    edition: str
    model: str
    other_model: str
    run_ids: tuple[str, ...]

    def experiment(self, profile: Profile, runs: Mapping[str, Run]) -> CacheExperiment | None:
        """Return the experiment as far as it got, or None without all of its *runs*, which can be deleted."""
        variant = next((variant for variant in VARIANTS if variant.id == self.variant_id), None)
        if variant is None or not self.run_ids or any(run_id not in runs for run_id in self.run_ids):
            return None
        experiment = CacheExperiment(variant, profile, self.model, self.other_model, self.edition)
        experiment.runs = [runs[run_id] for run_id in self.run_ids]
        experiment.is_running = False
        return experiment


@dataclass(frozen=True, slots=True)
class CacheTotals:
    """The input tokens of calls, and their list price with and without the cache; None if it is unknown."""

    input_tokens: int
    cached_tokens: int
    amount: Decimal | None
    uncached_amount: Decimal | None

    @classmethod
    def of(cls, runs: Iterable[Run], at: datetime | None = None) -> "CacheTotals":
        usages = [(run.usage, run.model or str(run.params["model"])) for run in runs if run.usage]
        amount = uncached_amount = Decimal(0)
        is_known = bool(usages)
        for usage, model in usages:
            price = price_of(model, at or datetime.now(UTC))
            if price is None:
                is_known = False
                continue
            rates = price.rates_for(usage.input_tokens)
            amount += rates.charge(usage)[0]
            uncached_amount += rates.charge(replace(usage, cached_tokens=0, cache_write_tokens=0))[0]
        return cls(
            sum(usage.input_tokens for usage, _ in usages),
            sum(usage.cached_tokens for usage, _ in usages),
            amount if is_known else None,
            uncached_amount if is_known else None,
        )

    @property
    def cached_share(self) -> float:
        return self.cached_tokens / self.input_tokens if self.input_tokens else 0.0


def cache_summary(runs: Sequence[Run]) -> str:
    """Say in a sentence what the calls after the first have read from the cache, and what that saves.

    It is empty for fewer than two calls, which show nothing. All *runs* have a reply.
    """
    later = runs[1:]
    if not later:
        return ""
    calls = "call 2" if len(runs) == 2 else f"calls 2 to {len(runs)}"
    reported = [run for run in later if run.usage]
    if not reported:
        return f"The server did not report the tokens of {calls}."
    if len(reported) < len(later):
        calls = f"{calls}, of which {len(reported)} reported their tokens,"
    totals = CacheTotals.of(reported)
    if not totals.cached_tokens:
        return f"None of the {totals.input_tokens:,} input tokens of {calls} came from the cache."
    text = (
        f"{totals.cached_tokens:,} of the {totals.input_tokens:,} input tokens of {calls} "
        f"came from the cache ({totals.cached_share:.0%})."
    )
    if totals.amount is None or not totals.uncached_amount:
        return text
    saved = 1 - totals.amount / totals.uncached_amount
    text += " With its output, it costs" if len(reported) == 1 else " With their output, they cost"
    if saved < 0:
        return f"{text} {-saved:.0%} more at list price, because what was written to the cache costs more."
    return f"{text} {saved:.0%} less at list price."
