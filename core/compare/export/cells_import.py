"""Boards from the tables of `core.compare.export.tables`: cases, replies, figures and ratings.

The tables have neither the prompts and settings of the variants nor the checks: `board_file` has them.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.compare.boards.board import MAX_REPETITIONS, MAX_VARIANTS, Board, Case, CellKey
from core.compare.boards.cases import cases_of_cells, exported_cells
from core.compare.boards.cells import Cell
from core.compare.boards.checks import Contains
from core.compare.export.board_file import ImportedBoard
from core.compare.judging.ratings import Rating
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.errors.types import Explanation, PlaygroundError
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.prompts.prompts import PromptMessage
from core.runs.run import Run, RunState

_BASIS = "as in the imported file"


class _Row(BaseModel):
    """A row of the table. The titles of variants need not be unique."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_cells(cls, values: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in values.items() if text}

    variant: str = Field(min_length=1, max_length=100)
    model: str = Field(default="", max_length=200)
    case: str
    repetition: int = Field(ge=1, le=MAX_REPETITIONS)
    state: RunState
    reply: str = ""
    error: str = ""
    finish_reason: str | None = None
    first_token_seconds: float | None = Field(None, ge=0)
    total_seconds: float | None = Field(None, ge=0)
    input_tokens: int | None = Field(None, ge=0)
    output_tokens: int | None = Field(None, ge=0)
    cost_dollars: Decimal | None = Field(None, ge=0)
    thumb: str | None = None
    stars: int | None = None
    comment: str = ""

    def run(self) -> Run:
        has_usage = self.input_tokens is not None or self.output_tokens is not None
        return Run(
            "compare",
            "chat.completions.create",
            {"model": self.model},
            state=RunState.INTERRUPTED if self.state is RunState.RUNNING else self.state,
            text=self.reply,
            model=self.model,
            finish_reason=self.finish_reason,
            first_token=self.first_token_seconds,
            total=self.total_seconds,
            usage=Usage(self.input_tokens or 0, self.output_tokens or 0) if has_usage else None,
            cost=None if self.cost_dollars is None else Cost(self.cost_dollars, _BASIS),
            error=Explanation(self.error, "") if self.error else None,
            recorded=bool(self.reply) or self.state is not RunState.DONE,
        )

    def rating(self) -> Rating:
        return Rating.model_validate({"thumb": self.thumb, "stars": self.stars, "comment": self.comment})


def board_from_cells(text: str, name: str, profile_id: str) -> ImportedBoard | None:
    """Read the exported cells of a board; None if the file called *name* has other rows, which are cases.

    The variants have their models and send the first variable. As their requests are not in the file, the
    results count as those of variants that were edited since. Raises PlaygroundError for an invalid row.
    """
    source = exported_cells(name, text.encode("utf-8", "replace"))
    if source is None:
        return None
    cases = cases_of_cells(source)
    asked = next((variable for case in cases.values() for variable in case.variables), "")
    messages = (PromptMessage(role="user", content=f"{{{{{asked}}}}}"),) if asked else ()
    variants: dict[tuple[str, str, int], Variant] = {}
    cells: dict[CellKey, Cell] = {}
    ratings: dict[str, Rating] = {}
    places: Counter[tuple[str, ...]] = Counter()
    for number, values in enumerate(source.rows(), 1):
        row, rating = _parse(number, values)
        # Another row of one place is that of another variant with the same title and model.
        place = (row.variant, row.model, row.case, str(row.repetition))
        variant = variants.setdefault(
            (row.variant, row.model, places[place]),
            Variant(
                name="" if row.variant == row.model else row.variant,
                profile_id=profile_id,
                settings=ChatSettings(model=row.model),
                messages=messages,
            ),
        )
        places[place] += 1
        key = CellKey(variant.id, cases[row.case].id, row.repetition)
        cells[key] = Cell(key, "", row.run())
        if not rating.is_empty:
            ratings[cells[key].run.id] = rating
    board = _board(name, tuple(variants.values()), cases, cells)
    return ImportedBoard(board, cells, (), ratings, ())


def _parse(number: int, values: Mapping[str, str]) -> tuple[_Row, Rating]:
    try:
        row = _Row.model_validate(values)
        return row, row.rating()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise PlaygroundError(
            f"Row {number:,} is not a result of a board", f"{field}: {first['msg']}."
        ) from None


def _board(
    name: str, variants: tuple[Variant, ...], cases: Mapping[str, Case], cells: Mapping[CellKey, Cell]
) -> Board:
    if len(variants) > MAX_VARIANTS:
        raise PlaygroundError(f"A board has at most {MAX_VARIANTS} variants.", "Use a part of the rows.")
    return Board(
        name=PurePath(name).stem[:200] or "Imported results",
        variants=variants,
        cases=tuple(cases.values()),
        repetitions=max((key.repetition for key in cells), default=1),
        checks=(Contains(),) if any(case.expected for case in cases.values()) else (),
    )
