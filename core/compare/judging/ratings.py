"""What people think of the replies of a board, and an order of its variants that does not give them away."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.compare.boards.cells import Cells
from core.compare.statistics.variant_statistics import Rate


class Rating(BaseModel):
    """One opinion of a reply, any part of which may be missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thumb: Literal["up", "down"] | None = None
    stars: int | None = Field(default=None, ge=1, le=5)
    comment: str = Field(default="", max_length=4_000)

    @property
    def is_empty(self) -> bool:
        return self == Rating()


@dataclass(frozen=True, slots=True)
class RatingStatistics:
    """The ratings of a variant: how many thumbs are up, and the mean of the stars (None without any)."""

    thumbs: Rate
    stars: float | None
    star_count: int


def blind_order(board_id: str, case_id: str, variant_ids: Sequence[str]) -> list[str]:
    """Return *variant_ids* in the random order in which the replies to a case are shown, always the same."""
    seed = hashlib.sha256(f"{board_id}/{case_id}".encode()).digest()
    return random.Random(seed).sample(sorted(variant_ids), len(variant_ids))


def rating_statistics(cells: Cells, ratings: Mapping[str, Rating]) -> dict[str, RatingStatistics]:
    """Return the statistics of the *ratings*, by the id of the run, for each variant that has *cells*."""
    by_variant: dict[str, list[Rating]] = {}
    for key, cell in cells.items():
        rating = ratings.get(cell.run.id)
        by_variant.setdefault(key.variant_id, []).extend([rating] if rating else [])
    return {variant_id: _statistics(own) for variant_id, own in by_variant.items()}


def _statistics(ratings: Sequence[Rating]) -> RatingStatistics:
    thumbs = [rating.thumb == "up" for rating in ratings if rating.thumb]
    stars = [rating.stars for rating in ratings if rating.stars]
    mean = sum(stars) / len(stars) if stars else None
    return RatingStatistics(Rate(sum(thumbs), len(thumbs)), mean, len(stars))
