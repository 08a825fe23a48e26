"""Where the labels of the points of a map stand, so that they do not overlap at any width of the map."""

import unicodedata
from collections.abc import Sequence
from typing import Any

# Widths in pixels for which labels are placed, each also for wider maps up to the next: those have only more
# room between the labels. The first is that of a map on a phone.
WIDTHS = (200, 300, 520)
_HEIGHT = 340
_CHARACTER_WIDTH, _LINE_HEIGHT = 6.5, 13
_OFFSET = 8

# The place of a label, in the order of preference: its alignment and its distance from the point.
PLACES: dict[str, dict[str, Any]] = {
    "right": {"align": "left", "dx": _OFFSET},
    "left": {"align": "right", "dx": -_OFFSET},
    "above": {"align": "center", "dy": -_OFFSET - 4},
    "below": {"align": "center", "dy": _OFFSET + 4},
}

_Box = tuple[float, float, float, float]


def place_labels(points: Sequence[tuple[float, float]], labels: Sequence[str], width: float) -> list[str]:
    """Return the place of each label on a map of *width* pixels.

    "" for a label that has no room: a tooltip shows its text too.
    """
    pixels = [(x * width, (1 - y) * _HEIGHT) for x, y in _to_unit_square(points)]
    occupied: list[_Box] = [(x - 5, y - 5, x + 5, y + 5) for x, y in pixels]
    places = []
    for number, ((x, y), label) in enumerate(zip(pixels, labels, strict=True)):
        others = occupied[:number] + occupied[number + 1 :]
        boxes = {place: _box(x, y, _text_width(label), place) for place in PLACES}
        place = next((place for place, box in boxes.items() if _is_free(box, others, width)), "")
        places.append(place)
        if place:
            occupied.append(boxes[place])
    return places


def _to_unit_square(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    columns = []
    for values in zip(*points, strict=True):
        low, size = min(values), max(values) - min(values) or 1.0
        columns.append([(value - low) / size for value in values])
    return list(zip(*columns, strict=True))


def _text_width(text: str) -> float:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return (len(text) + 0.7 * wide) * _CHARACTER_WIDTH


def _box(x: float, y: float, width: float, place: str) -> _Box:
    left = {"right": x + _OFFSET, "left": x - _OFFSET - width}.get(place, x - width / 2)
    middle = y + PLACES[place].get("dy", 0)
    return left, middle - _LINE_HEIGHT / 2, left + width, middle + _LINE_HEIGHT / 2


def _is_free(box: _Box, others: Sequence[_Box], width: float) -> bool:
    left, top, right, bottom = box
    if left < -_OFFSET or right > width + _OFFSET:
        return False
    return all(
        right < other_left or left > other_right or bottom < other_top or top > other_bottom
        for other_left, other_top, other_right, other_bottom in others
    )
