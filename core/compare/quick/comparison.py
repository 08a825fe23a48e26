"""A quick comparison: one prompt that is sent to several variants at once, and its follow-ups."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.calls import CallService, new_run
from core.compare.variants.requests import follow_up, variant_request
from core.compare.variants.variant import Variant
from core.errors.explain import explain
from core.errors.types import NotFound, PlaygroundError
from core.runs.run import Run, RunState
from core.tokens.context_window import ApiMessage

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "compare"
MIN_VARIANTS, MAX_VARIANTS = 2, 6
MAX_TURNS = 50


@dataclass(frozen=True, slots=True)
class ComparisonTurn:
    """A prompt, and by the id of each variant that it was sent to: its run, and the variant's digest then."""

    prompt: str
    run_ids: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict)

    def is_stale(self, variant: Variant) -> bool:
        """Whether *variant* has been edited since the prompt was sent to it."""
        return self.digests.get(variant.id) not in (None, variant.digest)


@dataclass(frozen=True, slots=True)
class QuickComparison:
    """Variants side by side, the prompt as it is edited, and the turns so far."""

    variants: tuple[Variant, ...]
    prompt: str
    turns: tuple[ComparisonTurn, ...] = field(default=())

    @property
    def size(self) -> int:
        """The number of characters that were typed."""
        variants = (
            len(variant.settings.instructions) + sum(len(message.content) for message in variant.messages)
            for variant in self.variants
        )
        return len(self.prompt) + sum(len(turn.prompt) for turn in self.turns) + sum(variants)

    @property
    def run_ids(self) -> list[str]:
        return [run_id for turn in self.turns for run_id in turn.run_ids.values()]

    def variant(self, variant_id: str) -> Variant:
        """Return a variant. Raises NotFound."""
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise NotFound("This variant was removed", "Reload the page to see those that are left.")

    def with_variant(self, changed: Variant) -> "QuickComparison":
        """Return this comparison with *changed* in place of the variant with its id."""
        self.variant(changed.id)
        variants = (changed if variant.id == changed.id else variant for variant in self.variants)
        return replace(self, variants=tuple(variants))

    def with_copy(self, variant_id: str) -> "QuickComparison":
        """Return this comparison with a copy of a variant after it, which has no replies yet.

        Raises PlaygroundError if there are too many.
        """
        if len(self.variants) >= MAX_VARIANTS:
            raise PlaygroundError(f"At most {MAX_VARIANTS} variants can be compared", "Remove one first.")
        original = self.variant(variant_id)
        index = self.variants.index(original) + 1
        # A copied name would be no name: it would not say what differs.
        copy = original.duplicate().model_copy(update={"name": ""})
        return replace(self, variants=(*self.variants[:index], copy, *self.variants[index:]))

    def without(self, variant_id: str) -> "QuickComparison":
        """Return this comparison without a variant. Its runs stay in the database.

        Raises PlaygroundError if there are too few.
        """
        if len(self.variants) <= MIN_VARIANTS:
            raise PlaygroundError(f"A comparison has at least {MIN_VARIANTS} variants", "Add another first.")
        removed = self.variant(variant_id)
        turns = tuple(
            replace(turn, run_ids={key: value for key, value in turn.run_ids.items() if key != variant_id})
            for turn in self.turns
        )
        return replace(
            self, variants=tuple(variant for variant in self.variants if variant != removed), turns=turns
        )

    def moved(self, variant_id: str, steps: int) -> "QuickComparison":
        """Return this comparison with a variant moved to the right by *steps*, to the left if negative."""
        variant = self.variant(variant_id)
        others = [other for other in self.variants if other.id != variant_id]
        index = max(0, self.variants.index(variant) + steps)
        return replace(self, variants=(*others[:index], variant, *others[index:]))

    def history(self, variant_id: str, runs: Mapping[str, Run]) -> list[ApiMessage]:
        """Return the messages of a variant's earlier turns, without those to which it has not replied."""
        messages: list[ApiMessage] = []
        for turn in self.turns:
            run = runs.get(turn.run_ids.get(variant_id, ""))
            if run and run.text:
                messages += [{"role": "user", "content": turn.prompt}, *follow_up(run, "")[:1]]
        return messages


async def start_turn(
    calls: CallService,
    profiles: "Mapping[str, Profile]",
    comparison: QuickComparison,
    prompt: str,
    runs: Mapping[str, Run] = MappingProxyType({}),
) -> ComparisonTurn:
    """Send *prompt* to all variants of *comparison*, after its turns, and return the new turn.

    *runs* are those of the turns. A variant whose call cannot be started has a failed run.
    """
    histories = [comparison.history(variant.id, runs) for variant in comparison.variants]
    started = await asyncio.gather(
        *(
            _start(calls, profiles.get(variant.profile_id), variant, [*history, _question(prompt)])
            for variant, history in zip(comparison.variants, histories, strict=True)
        )
    )
    variants = comparison.variants
    return ComparisonTurn(
        prompt,
        {variant.id: run_id for variant, run_id in zip(variants, started, strict=True)},
        {variant.id: variant.digest for variant in variants},
    )


async def repeat_last_turn(
    calls: CallService,
    profiles: "Mapping[str, Profile]",
    comparison: QuickComparison,
    variant_id: str,
    runs: Mapping[str, Run],
) -> ComparisonTurn:
    """Send the last prompt to one variant again, and return the last turn with its new run."""
    *earlier, last = comparison.turns
    variant = comparison.variant(variant_id)
    history = replace(comparison, turns=tuple(earlier)).history(variant_id, runs)
    run_id = await _start(
        calls, profiles.get(variant.profile_id), variant, [*history, _question(last.prompt)]
    )
    return replace(
        last,
        run_ids={**last.run_ids, variant_id: run_id},
        digests={**last.digests, variant_id: variant.digest},
    )


def _question(prompt: str) -> ApiMessage:
    return {"role": "user", "content": prompt}


async def _start(
    calls: CallService, profile: "Profile | None", variant: Variant, history: Sequence[ApiMessage]
) -> str:
    """Start the call of *variant*, and return the id of its run."""
    request = variant_request(variant, {}, history)
    if profile is None:
        run = Run(CAPABILITY, request.call.endpoint, request.params)
        error = PlaygroundError("The server of this variant was removed", "Choose a model of another server.")
        await asyncio.to_thread(_save_failed, calls, run, error)
        return run.id
    run = new_run(CAPABILITY, request.call.endpoint, request.params, profile)
    try:
        await calls.start(run, request.call, profile)
    except PlaygroundError as error:
        await asyncio.to_thread(_save_failed, calls, run, error)
    return run.id


def _save_failed(calls: CallService, run: Run, error: PlaygroundError) -> None:
    from core.storage.run_repository import RunRepository

    failed = replace(run, state=RunState.FAILED, error=explain(error))
    RunRepository(calls.open_store(), calls.owner).save(failed)
