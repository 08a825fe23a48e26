"""The tokens of an image, by the formulas in `data/image_formulas.json`."""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.paths import DATA
from core.sandbox.api.errors import invalid_request
from core.sandbox.api.images import DETAILS, MessageImage

# Scaled sides are floats that can be a little below the integer they stand for.
_ROUNDING_TOLERANCE = 1e-6


def count_image_tokens(image: MessageImage, family: str) -> int:
    """Return the tokens of *image* for *family*. An image of unknown size counts as 1024 by 1024 pixels.

    Raises ApiError for a detail that the family does not support, and for too many patches.
    """
    formulas: dict[str, Mapping[str, Any]] = {
        name: formula for formula in _load_formulas()["families"] for name in formula["ids"]
    }
    formula = formulas.get(family, formulas[""])
    detail = formula["auto"] if image.detail == "auto" else image.detail
    if detail not in formula["levels"]:
        supported = ", ".join(f"'{name}'" for name in DETAILS if name in ("auto", *formula["levels"]))
        message = f"Invalid value: '{detail}'. Supported values are: {supported} with this model."
        raise invalid_request(message, "messages", "invalid_value")
    unknown_side = _load_formulas()["unknown_size"]
    width, height = (image.width, image.height) if image.width else (unknown_side, unknown_side)
    count = _count_tile_tokens if formula["method"] == "tile" else _count_patch_tokens
    return count(formula, formula["levels"][detail], width, height)


def _count_tile_tokens(formula: Mapping[str, Any], level: Mapping[str, int], width: int, height: int) -> int:
    tile = _load_formulas()["tile"]
    if level["side"] < tile["side"]:
        return int(formula["base"])
    scale = min(1.0, tile["side"] / max(width, height))
    scale *= min(1.0, tile["short"] / (min(width, height) * scale))
    columns, rows = (
        math.ceil(max(1, int(side * scale + _ROUNDING_TOLERANCE)) / tile["edge"]) for side in (width, height)
    )
    return int(formula["base"] + formula["per_tile"] * columns * rows)


def _count_patch_tokens(formula: Mapping[str, Any], level: Mapping[str, int], width: int, height: int) -> int:
    scale = min(1.0, level["side"] / max(width, height))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    budget = level.get("budget")
    if budget and _count_patches(width, height) > budget:
        # Downscale until the patches fit, and so that one side is a whole number of patches.
        edge = _load_formulas()["patch"]
        scale = math.sqrt(edge**2 * budget / (width * height))
        patches_per_side = [side * scale / edge for side in (width, height)]
        scale *= min((math.floor(count) / count for count in patches_per_side if count >= 1), default=1.0)
        width = max(1, int(width * scale + _ROUNDING_TOLERANCE))
        height = max(1, int(height * scale + _ROUNDING_TOLERANCE))
    patches = _count_patches(width, height)
    if patches > level.get("max_patches", patches):
        message = (
            f"The image has {patches:,} patches at this detail; "
            f"at most {level['max_patches']:,} are allowed. "
            "Use a smaller image, or detail 'high'."
        )
        raise invalid_request(message, "messages", "image_too_large")
    return math.ceil(round(patches * float(formula.get("multiplier", 1)), 6))


def _count_patches(width: int, height: int) -> int:
    edge = int(_load_formulas()["patch"])
    return math.ceil(width / edge) * math.ceil(height / edge)


@lru_cache(maxsize=1)
def _load_formulas() -> dict[str, Any]:
    formulas: dict[str, Any] = json.loads((DATA / "image_formulas.json").read_text(encoding="utf-8"))
    return formulas
