"""What an image takes of a model's prompt, by the formulas in `data/image_formulas.json`."""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.paths import DATA
from core.sandbox.api.errors import invalid_request
from core.sandbox.api.images import DETAILS, MessageImage


def count_image_tokens(image: MessageImage, family: str) -> int:
    """Count the tokens of *image* for *family*; one of unknown size counts as 1024 by 1024 pixels.

    Raises ApiProblem for a detail that the family does not know, and for more patches than it takes.
    """
    row = _row(family)
    wanted = row["auto"] if image.detail == "auto" else image.detail
    if wanted not in row["levels"]:
        known = ", ".join(f"'{name}'" for name in DETAILS if name == "auto" or name in row["levels"])
        text = f"Invalid value: '{wanted}'. Supported values are: {known} with this model."
        raise invalid_request(text, "messages", "invalid_value")
    size = (image.width, image.height) if image.width else (_table()["unknown_size"],) * 2
    return (_tiled if row["method"] == "tile" else _patched)(row, row["levels"][wanted], *size)


def _tiled(row: Mapping[str, Any], level: Mapping[str, int], width: int, height: int) -> int:
    tile = _table()["tile"]
    if level["side"] < tile["side"]:
        return int(row["base"])
    scale = min(1.0, tile["side"] / max(width, height))
    scale *= min(1.0, tile["short"] / (min(width, height) * scale))
    across, down = (math.ceil(max(1, int(side * scale + 1e-6)) / tile["edge"]) for side in (width, height))
    return int(row["base"] + row["per_tile"] * across * down)


def _patched(row: Mapping[str, Any], level: Mapping[str, int], width: int, height: int) -> int:
    scale = min(1.0, level["side"] / max(width, height))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    budget = level.get("budget")
    if budget and _patches(width, height) > budget:
        width, height = _within(budget, width, height)
    count = _patches(width, height)
    if count > level.get("most", count):
        text = f"An image makes {count:,} patches at this detail; at most {level['most']:,} are allowed."
        raise invalid_request(
            f"{text} Make it smaller or ask for detail 'high'.", "messages", "image_too_large"
        )
    return math.ceil(round(count * float(row.get("multiplier", 1)), 6))


def _patches(width: int, height: int) -> int:
    edge = int(_table()["patch"])
    return math.ceil(width / edge) * math.ceil(height / edge)


def _within(budget: int, width: int, height: int) -> tuple[int, int]:
    """Shrink until the patches fit, and so that one side is a whole number of patches."""
    edge = _table()["patch"]
    scale = math.sqrt(edge**2 * budget / (width * height))
    exact = [side * scale / edge for side in (width, height)]
    scale *= min((math.floor(count) / count for count in exact if count >= 1), default=1.0)
    return max(1, int(width * scale + 1e-6)), max(1, int(height * scale + 1e-6))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((DATA / "image_formulas.json").read_text(encoding="utf-8"))
    return table


def _row(family: str) -> Mapping[str, Any]:
    rows: dict[str, Mapping[str, Any]] = {name: row for row in _table()["families"] for name in row["ids"]}
    return rows.get(family, rows[""])
