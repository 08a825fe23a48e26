"""How a model sizes an image and what that takes, by the formulas in `data/image_formulas.json`."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Any, Literal

from core.models.catalog import get_model
from core.paths import DATA

FORMULAS_FILE = DATA / "image_formulas.json"
Detail = Literal["auto", "low", "high", "original"]
DETAILS: tuple[Detail, ...] = ("auto", "low", "high", "original")


@dataclass(frozen=True, slots=True)
class ImageLayout:
    """An image as a model gets it: its size in pixels, and *columns* x *rows* of cells of *cell* pixels.

    A cell is a patch or a tile; there are none where a flat price is all. `too_many` says that the API
    refuses the image for its number of patches; `tokens` is then what they would have taken.
    """

    width: int
    height: int
    cell_size: int
    columns: int
    rows: int
    tokens: int
    exceeds_patch_limit: bool = False

    @property
    def cells(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Formula:
    """The row of a family: `levels` are the details it knows, `auto` the one that "auto" stands for."""

    method: Literal["patch", "tile"]
    levels: Mapping[str, Mapping[str, int]]
    auto: str
    assumed: bool
    source: str
    multiplier: Decimal = Decimal(1)
    base: int = 0
    per_tile: int = 0

    @property
    def details(self) -> tuple[Detail, ...]:
        """The details to offer; one that the family does not know is refused or read as another."""
        return tuple(detail for detail in DETAILS if detail == "auto" or detail in self.levels)

    def resolve_detail(self, detail: str) -> str:
        """The level that *detail* comes to; "original" of a family without it is its highest."""
        found = self.auto if detail == "auto" else detail
        return found if found in self.levels else "high"

    def layout(self, width: int, height: int, detail: str = "auto") -> ImageLayout:
        """Size an image of *width* x *height* pixels. Sources and dates stand in the data file."""
        level = self.resolve_detail(detail)
        if self.method == "tile":
            return self._tiles(width, height, low=level == "low")
        return self._patches(width, height, self.levels[level])

    def _patches(self, width: int, height: int, level: Mapping[str, int]) -> ImageLayout:
        edge = int(_table()["patch"])
        width, height = _fit(width, height, level["side"])
        budget = level.get("budget")
        if budget and _cells(width, edge) * _cells(height, edge) > budget:
            width, height = _within(budget, width, height, edge)
        columns, rows = _cells(width, edge), _cells(height, edge)
        tokens = int((columns * rows * self.multiplier).to_integral_value(ROUND_CEILING))
        return ImageLayout(
            width, height, edge, columns, rows, tokens, columns * rows > level.get("most", math.inf)
        )

    def _tiles(self, width: int, height: int, low: bool) -> ImageLayout:
        rule = _table()["tile"]
        if low:
            return ImageLayout(*_fit(width, height, rule["edge"]), rule["edge"], 0, 0, self.base)
        scale = min(1.0, rule["side"] / max(width, height))
        scale *= min(1.0, rule["short"] / (min(width, height) * scale))
        width, height = (max(1, math.floor(round(side * scale, 6))) for side in (width, height))
        columns, rows = _cells(width, rule["edge"]), _cells(height, rule["edge"])
        return ImageLayout(
            width, height, rule["edge"], columns, rows, self.base + self.per_tile * columns * rows
        )


def formula_for(model_id: str) -> Formula:
    """Find the formula of *model_id*'s family; a family that no row names gets the newest, `assumed`."""
    rows = _formulas()
    return rows.get(get_model(model_id).family, rows[""])


def count_image_tokens(model_id: str, size: tuple[int, int] | None, detail: str = "auto") -> int:
    """Count the tokens of an image; one of unknown *size* counts as 1024 by 1024 pixels."""
    return formula_for(model_id).layout(*(size or assumed_size()), detail).tokens


def assumed_size() -> tuple[int, int]:
    """The size that an image counts as when nobody knows its own."""
    side = int(_table()["unknown_size"])
    return side, side


def max_patches() -> int:
    """The patches above which the newest families refuse an image at its original size."""
    return int(_table()["limits"]["patches"])


def formula_source(formula: Formula) -> str:
    """Say where *formula* is from, and as of when."""
    return f"{_table()['sources'][formula.source]} (as of {_table()['as_of']})"


def _fit(width: int, height: int, side: int) -> tuple[int, int]:
    """Shrink, never grow, until the longer side is *side* at most."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _within(budget: int, width: int, height: int, edge: int) -> tuple[int, int]:
    """Shrink until the patches fit *budget*, and so that one side is a whole number of patches."""
    scale = math.sqrt(edge**2 * budget / (width * height))
    across, down = width * scale / edge, height * scale / edge
    whole = [math.floor(count) / count for count in (across, down) if count >= 1]
    scale *= min(whole, default=1.0)
    return max(1, math.floor(round(width * scale, 6))), max(1, math.floor(round(height * scale, 6)))


def _cells(length: int, edge: int) -> int:
    return math.ceil(length / edge)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(FORMULAS_FILE.read_text(encoding="utf-8"))
    return table


@cache
def _formulas() -> dict[str, Formula]:
    return {name: _formula(row) for row in _table()["families"] for name in row["ids"]}


def _formula(row: Mapping[str, Any]) -> Formula:
    return Formula(
        row["method"],
        row["levels"],
        row["auto"],
        row["assumed"],
        row["source"],
        Decimal(row.get("multiplier", 1)),
        row.get("base", 0),
        row.get("per_tile", 0),
    )
