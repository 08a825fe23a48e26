"""Dice, which can be repeated with a seed."""

import random
import re
from typing import Annotated

from pydantic import Field

_DICE = re.compile(r"(\d{0,3})d(\d{1,4})")


def roll_dice(
    dice: Annotated[str, Field(description="Number and sides, for example 2d6", max_length=10)] = "1d6",
    seed: Annotated[int | None, Field(description="The same seed gives the same rolls")] = None,
) -> dict[str, object]:
    """Roll dice and return each roll and the total."""
    match = _DICE.fullmatch(dice.strip().lower())
    if not match or not int(match[1] or 1) or not int(match[2]):
        raise ValueError("Write the dice as number and sides, for example 2d6.")
    generator = random.Random(seed)
    rolls = [generator.randint(1, int(match[2])) for _ in range(int(match[1] or 1))]
    return {"dice": dice, "rolls": rolls, "total": sum(rolls)}
