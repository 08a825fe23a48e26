"""How a model resizes an image and how many tokens it takes, by `data/image_formulas.json`."""

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
    """An image as a model receives it: its size in pixels, divided into cells of *cell_size* pixels.

    A cell is a patch or a tile; with a flat price there are none. *exceeds_patch_limit* is true if the API
    rejects the image for its number of patches; *tokens* is then the number that they would take.
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
    """The token formula of a model family: its detail *levels*, and the one that "auto" stands for."""

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
        """The details to offer; the API rejects any other, or reads it as one of these."""
        return tuple(detail for detail in DETAILS if detail == "auto" or detail in self.levels)

    def resolve_detail(self, detail: str) -> str:
        """Return the level that *detail* stands for; "high" if the family does not have it."""
        level = self.auto if detail == "auto" else detail
        return level if level in self.levels else "high"

    def layout(self, width: int, height: int, detail: str = "auto") -> ImageLayout:
        """Size an image of *width* x *height* pixels, as the sources that the data file names describe."""
        level_name = self.resolve_detail(detail)
        if self.method == "tile":
            return self._tile_layout(width, height, is_low=level_name == "low")
        return self._patch_layout(width, height, self.levels[level_name])

    def _tile_layout(self, width: int, height: int, is_low: bool) -> ImageLayout:
        rule = _load_formulas()["tile"]
        edge = rule["edge"]
        if is_low:
            return ImageLayout(*_fit(width, height, edge), edge, 0, 0, self.base)
        scale = min(1.0, rule["side"] / max(width, height))
        scale *= min(1.0, rule["short"] / (min(width, height) * scale))
        scaled_width, scaled_height = _scale_down(width, height, scale)
        columns, rows = math.ceil(scaled_width / edge), math.ceil(scaled_height / edge)
        tokens = self.base + self.per_tile * columns * rows
        return ImageLayout(scaled_width, scaled_height, edge, columns, rows, tokens)

    def _patch_layout(self, width: int, height: int, level: Mapping[str, int]) -> ImageLayout:
        edge = int(_load_formulas()["patch"])
        size = _fit(width, height, level["side"])
        budget = level.get("budget")
        if budget and _patches(size, edge) > budget:
            scale = math.sqrt(edge**2 * budget / (size[0] * size[1]))
            # Scaled further, until one side is a whole number of patches.
            patches_per_side = [side * scale / edge for side in size]
            scale *= min((math.floor(count) / count for count in patches_per_side if count >= 1), default=1.0)
            size = _scale_down(*size, scale)
        patches = _patches(size, edge)
        tokens = int((patches * self.multiplier).to_integral_value(ROUND_CEILING))
        columns, rows = (math.ceil(side / edge) for side in size)
        return ImageLayout(*size, edge, columns, rows, tokens, patches > level.get("max_patches", math.inf))


def formula_for(model_id: str) -> Formula:
    """Return the formula of *model_id*'s family; one without a row has the newest formula, `assumed`."""
    formulas = _formulas_by_family()
    return formulas.get(get_model(model_id).family, formulas[""])


def count_image_tokens(model_id: str, size: tuple[int, int] | None, detail: str = "auto") -> int:
    """Return the tokens of an image of *size*, or of 1024 by 1024 pixels if the size is unknown."""
    return formula_for(model_id).layout(*(size or assumed_size()), detail).tokens


def assumed_size() -> tuple[int, int]:
    """Return the size that is assumed for an image of unknown size."""
    side = int(_load_formulas()["unknown_size"])
    return side, side


def formula_source(formula: Formula) -> str:
    """Return the source of *formula* and its date, as a text."""
    formulas = _load_formulas()
    return f"{formulas['sources'][formula.source]} (as of {formulas['as_of']})"


def _fit(width: int, height: int, max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _patches(size: tuple[int, int], edge: int) -> int:
    return math.ceil(size[0] / edge) * math.ceil(size[1] / edge)


def _scale_down(width: int, height: int, scale: float) -> tuple[int, int]:
    # Rounded first, or a product such as 767.9999999999 would lose a pixel.
    return max(1, math.floor(round(width * scale, 6))), max(1, math.floor(round(height * scale, 6)))


@cache
def _load_formulas() -> dict[str, Any]:
    formulas: dict[str, Any] = json.loads(FORMULAS_FILE.read_text(encoding="utf-8"))
    return formulas


@cache
def _formulas_by_family() -> dict[str, Formula]:
    return {
        family: Formula(
            row["method"],
            row["levels"],
            row["auto"],
            row["assumed"],
            row["source"],
            Decimal(row.get("multiplier", 1)),
            row.get("base", 0),
            row.get("per_tile", 0),
        )
        for row in _load_formulas()["families"]
        for family in row["ids"]
    }
