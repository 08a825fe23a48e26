"""Ask about images, and know beforehand what they take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.errors.types import PlaygroundError
from core.images.image import ImageFile, downscale
from core.images.tokens import DETAILS, Detail, ImageLayout, assumed_size, formula_for
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.runs.run import Run

# What one request may carry, in bytes of image files; base64 makes a third more of it.
MAX_REQUEST_BYTES = 45_000_000
DOWNSCALE_SIDES = (2048, 1536, 1024, 768, 512)

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """An image that is sent as its URL; *picture* is there once it was fetched for a look."""

    url: str
    file: ImageFile | None = None

    @property
    def name(self) -> str:
        return self.url.partition("?")[0].rstrip("/").rpartition("/")[2][:80] or self.url[:80]

    @property
    def size(self) -> Size | None:
        return self.file.size if self.file else None


ImageSource = ImageFile | RemoteImage


@dataclass(frozen=True, slots=True)
class ImageCost:
    """What images take of *model* at *detail*: input tokens, and their list price where one is known.

    `too_many` counts those that the API refuses for their number of patches.
    """

    model: str
    detail: str
    tokens: int
    cost: Decimal | None
    assumed: bool
    over_patch_limit: int = 0


@dataclass(frozen=True, slots=True)
class VisionRequest:
    """A question about *sources*, each sent with *detail*, and pictures no longer than *longest* pixels."""

    text: str
    images: tuple[ImageSource, ...]
    detail: Detail = "auto"
    max_side: int | None = None

    def content(self) -> list[dict[str, Any]]:
        """Write the content parts of the API: the text, then each image as a data URL or by its own URL.

        Raises PlaygroundError when there is nothing to ask, or more than one request may carry.
        """
        if not self.text.strip():
            raise PlaygroundError("There is no question yet", "Write what you want to know of the images.")
        sources = [
            downscale(one, self.max_side) if isinstance(one, ImageFile) else one for one in self.images
        ]
        _refuse_too_much(sum(len(one.data) for one in sources if isinstance(one, ImageFile)))
        urls = [one.data_url if isinstance(one, ImageFile) else one.url for one in sources]
        return [{"type": "text", "text": self.text}, *(_part(url, self.detail) for url in urls)]

    def message(self) -> dict[str, Any]:
        return {"role": "user", "content": self.content()}


def _part(url: str, detail: Detail) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": detail}}


def _refuse_too_much(total: int) -> None:
    if total > MAX_REQUEST_BYTES:
        raise PlaygroundError(
            f"The images have {total / 1e6:,.0f} MB; at most "
            f"{MAX_REQUEST_BYTES // 1_000_000} MB go in one request",
            "Choose a smaller size under Downscale, send fewer of them, or begin a new thread.",
        )


def build_messages(history: Sequence[dict[str, Any]], request: VisionRequest) -> list[dict[str, Any]]:
    """Write *request* after the messages of *history*, whose images travel again.

    Raises PlaygroundError when there is nothing to ask, or all together are more than one request may carry.
    """
    messages = [*history, request.message()]
    parts = [part for message in messages if message["role"] == "user" for part in message["content"]]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    _refuse_too_much(sum(len(url) * 3 // 4 for url in urls if url.startswith("data:")))
    return messages


def sent_size(source: ImageSource, longest: int | None = None) -> Size:
    """The pixels that are sent of *source*; an image behind a URL counts as the unknown size."""
    size = source.size or assumed_size()
    if longest is None or isinstance(source, RemoteImage) or max(size) <= longest:
        return size
    scale = longest / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def estimate(sizes: Sequence[Size], model: str, detail: str, when: datetime) -> ImageCost:
    """Work out what images of *sizes* take of *model* at *detail*, at the list price of *when*."""
    formula = formula_for(model)
    seen = [formula.layout(*size, detail) for size in sizes]
    tokens = sum(one.tokens for one in seen)
    cost = cost_of(Usage(input_tokens=tokens), model, when, BillingTerms(billed=False)).amount
    return ImageCost(
        model, detail, tokens, cost, formula.assumed, sum(one.exceeds_patch_limit for one in seen)
    )


def estimate_by_detail(sizes: Sequence[Size], model: str, when: datetime) -> list[ImageCost]:
    """Read the same images at every detail that *model* knows."""
    return [estimate(sizes, model, detail, when) for detail in formula_for(model).details]


def estimate_by_model(
    sizes: Sequence[Size], models: Iterable[str], detail: str, when: datetime
) -> list[ImageCost]:
    """Read the same images for each of *models*, the cheapest first and those without a price last."""
    found = [estimate(sizes, model, detail, when) for model in models]
    return sorted(found, key=lambda one: (one.cost is None, one.cost or Decimal(0), one.tokens, one.model))


def estimate_by_max_side(
    sources: Sequence[ImageSource], model: str, detail: str, when: datetime
) -> dict[int | None, ImageCost]:
    """Read the images downscaled to each longest side that would change them, and as they are (None)."""
    largest = max((max(sent_size(source)) for source in sources if isinstance(source, ImageFile)), default=0)
    choices = [None, *(side for side in DOWNSCALE_SIDES if side < largest)]
    return {
        longest: estimate([sent_size(source, longest) for source in sources], model, detail, when)
        for longest in choices
    }


def layout_for(model: str, source: ImageSource, detail: str, longest: int | None) -> ImageLayout:
    """Say how *model* gets *source*."""
    return formula_for(model).layout(*sent_size(source, longest), detail)


def describe_detail(model: str, detail: str) -> str:
    """Say in a sentence what *detail* does to an image for *model*."""
    formula = formula_for(model)
    name = formula.resolve_detail(detail)
    level = formula.levels[name]
    prefix = f"Here {detail} means {name}: " if name != detail else ""
    if formula.method == "tile":
        if name == "low":
            return f"{prefix}a small copy at a flat {formula.base:,} tokens."
        return (
            f"{prefix}fits 2,048 px, short side at most 768 px; {formula.base:,} tokens and "
            f"{formula.per_tile:,} for each tile of 512 px."
        )
    budget = f" and at most {level['budget']:,} patches" if "budget" in level else ""
    per_patch = f"{formula.multiplier} tokens for each patch of 32 px"
    return f"{prefix}fits {level['side']:,} px{budget}; {per_patch}."


def history_messages(request: VisionRequest, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Write a past question and the last of its answers as messages; none if it was never answered."""
    text = next((run.text for run in reversed(runs) if run.text), "")
    return [request.message(), {"role": "assistant", "content": text}] if text else []


def details_to_compare(model: str) -> tuple[Detail, ...]:
    """The two details that differ most for *model*, where there are two."""
    known = formula_for(model).details
    return tuple(detail for detail in DETAILS if detail in known and detail in ("low", "high"))
