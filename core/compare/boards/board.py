"""A board: variants are its columns, cases its rows, and a cell is one run of a variant with a case."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.compare.boards.checks import EXPECTED, Check
from core.compare.boards.judge import Judge
from core.compare.variants.variant import Variant

MAX_VARIANTS = 20
MAX_CASES = 2_000
MAX_REPETITIONS = 30


class CellKey(NamedTuple):
    """The place of a cell. *repetition* counts from 1."""

    variant_id: str
    case_id: str
    repetition: int


class Case(BaseModel):
    """Values for the variables of the variants, and the reply that is expected, if one is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: uuid4().hex[:12], min_length=1, max_length=32)
    variables: dict[str, str] = Field(default_factory=dict, max_length=100)
    expected: str | None = Field(default=None, max_length=1_000_000)

    @property
    def values(self) -> dict[str, str]:
        """What the texts of checks and rubrics may contain: the variables, and {{expected}}."""
        return {**self.variables, EXPECTED: self.expected or ""}


class Board(BaseModel):
    """What is compared. Results are stored apart, by their place and by what was sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: uuid4().hex, min_length=1, max_length=32)
    name: str = Field(default="Untitled board", min_length=1, max_length=200)
    variants: tuple[Variant, ...] = Field(default=(), max_length=MAX_VARIANTS)
    cases: tuple[Case, ...] = Field(default=(), max_length=MAX_CASES)
    repetitions: int = Field(default=1, ge=1, le=MAX_REPETITIONS)
    checks: tuple[Check, ...] = Field(default=(), max_length=50)
    judge: Judge | None = None

    @model_validator(mode="after")
    def _reject_duplicate_ids(self) -> Self:
        for title, ids in (
            ("variants", [variant.id for variant in self.variants]),
            ("cases", [case.id for case in self.cases]),
        ):
            if len(set(ids)) < len(ids):
                raise ValueError(f"Two {title} have the same id.")
        return self

    @property
    def enabled_variants(self) -> list[Variant]:
        return [variant for variant in self.variants if variant.enabled]

    def variable_names(self) -> list[str]:
        """Return the variables of the enabled variants, in the order of their first use."""
        names = (name for variant in self.enabled_variants for name in variant.variable_names())
        return list(dict.fromkeys(names))

    def cell_keys(self) -> Iterator[CellKey]:
        """Yield the places of the enabled variants: row by row, the first repetition of all cases first."""
        for repetition in range(1, self.repetitions + 1):
            for case in self.cases:
                for variant in self.enabled_variants:
                    yield CellKey(variant.id, case.id, repetition)

    def with_variants(self, variants: Sequence[Variant]) -> "Board":
        """Return the board with other variants. Raises ValidationError for more than MAX_VARIANTS."""
        return Board.model_validate({**dict(self), "variants": tuple(variants)})

    def with_cases(self, cases: Sequence[Case]) -> "Board":
        """Return the board with other cases. Raises ValidationError for more than MAX_CASES."""
        return Board.model_validate({**dict(self), "cases": tuple(cases)})

    def duplicate(self) -> "Board":
        """Return a copy without results, which belong to the id of a board."""
        return self.model_copy(update={"id": uuid4().hex, "name": f"{self.name} (copy)"[:200]})
