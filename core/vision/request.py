"""Build a request about images, and estimate beforehand how many tokens they take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.errors.types import PlaygroundError
from core.images.image import ImageFile, downscale
from core.images.tokens import DETAILS, Detail, ImageLayout, assumed_size, formula_for
from core.json_values import json_objects
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.runs.run import Run
from core.tokens.estimate import estimate_tokens

MAX_REQUEST_BYTES = 45_000_000  # of image files; base64 makes a third more of it
DOWNSCALE_SIDES = (2048, 1536, 1024, 768, 512)
_NO_RESIZE_SIDE = 65_535  # the maximum of a JPEG: hardly any image is longer

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """An image that is sent as its URL; *file* is a copy of it, if the user had it fetched for a preview."""

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
    """The input tokens that images take with *model* at *detail*, and their list price if it is known.

    *over_patch_limit* is the number of images that the API rejects for their number of patches.
    """

    model: str
    detail: str
    tokens: int
    cost: Decimal | None
    assumed: bool
    over_patch_limit: int = 0


@dataclass(frozen=True, slots=True)
class VisionRequest:
    """A question about *images*, sent with *detail* and downscaled to *max_side* pixels."""

    text: str
    images: tuple[ImageSource, ...]
    detail: Detail = "auto"
    max_side: int | None = None

    def content(self) -> list[dict[str, Any]]:
        """Return the content parts of the API: the text, then each image as a data URL or as its own URL.

        Raises PlaygroundError if the text is empty or the images are too large for one request.
        """
        if not self.text.strip():
            raise PlaygroundError("The question is empty", "Enter what you want to know about the images.")
        images = [
            downscale(image, self.max_side) if isinstance(image, ImageFile) else image
            for image in self.images
        ]
        _check_total_size(sum(len(image.data) for image in images if isinstance(image, ImageFile)))
        urls = [image.data_url if isinstance(image, ImageFile) else image.url for image in images]
        parts = [{"type": "image_url", "image_url": {"url": url, "detail": self.detail}} for url in urls]
        return [{"type": "text", "text": self.text}, *parts]

    def message(self) -> dict[str, Any]:
        return {"role": "user", "content": self.content()}


def _check_total_size(total: int) -> None:
    if total > MAX_REQUEST_BYTES:
        raise PlaygroundError(
            f"The images are {total / 1e6:,.0f} MB in total; a request can have "
            f"at most {MAX_REQUEST_BYTES // 1_000_000} MB",
            "Choose a smaller size under Downscale, send fewer images, or start a new thread.",
        )


def build_messages(history: Sequence[dict[str, Any]], request: VisionRequest) -> list[dict[str, Any]]:
    """Return *history*, whose images are sent again, with the message of *request*.

    Raises PlaygroundError if the text is empty or all images together are too large for one request.
    """
    messages = [*history, request.message()]
    parts = [part for message in messages if message["role"] == "user" for part in message["content"]]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    # Four characters of base64 are three bytes.
    _check_total_size(sum(len(url) * 3 // 4 for url in urls if url.startswith("data:")))
    return messages


def count_characters(value: object) -> int:
    """Count the characters of all texts in the JSON *value*: nearly the size of a request with images."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(count_characters, value.values()))
    return sum(map(count_characters, value)) if isinstance(value, list | tuple) else 0


def sent_size(image: ImageSource, max_side: int | None = None) -> Size:
    """Return the size at which *image* is sent; a size is assumed for a remote image that was not fetched."""
    size = image.size or assumed_size()
    if max_side is None or isinstance(image, RemoteImage) or max(size) <= max_side:
        return size
    scale = max_side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def estimate(sizes: Sequence[Size], model: str, detail: str, when: datetime) -> ImageCost:
    """Estimate the tokens of images of *sizes* with *model* at *detail*, and their list price at *when*."""
    formula = formula_for(model)
    layouts = [formula.layout(*size, detail) for size in sizes]
    tokens = sum(layout.tokens for layout in layouts)
    cost = cost_of(Usage(input_tokens=tokens), model, when, BillingTerms(billed=False)).amount
    over_limit = sum(layout.exceeds_patch_limit for layout in layouts)
    return ImageCost(model, detail, tokens, cost, formula.assumed, over_limit)


def estimate_requests(requests: Sequence[VisionRequest], model: str, when: datetime) -> int:
    """Estimate the tokens of the images of all *requests*, as they are in a conversation with *model*."""
    costs = (
        estimate(
            [sent_size(image, request.max_side) for image in request.images], model, request.detail, when
        )
        for request in requests
    )
    return sum(cost.tokens for cost in costs)


def estimate_texts(messages: Sequence[dict[str, Any]], model: str) -> int:
    """Estimate the tokens of a request of *messages* with *model* without its images."""
    texts = [
        {**message, "content": [part for part in json_objects(message["content"]) if part["type"] == "text"]}
        if isinstance(message["content"], list)
        else message
        for message in messages
    ]
    return estimate_tokens({"model": model, "messages": texts}).tokens


def estimate_by_detail(sizes: Sequence[Size], model: str, when: datetime) -> list[ImageCost]:
    """Estimate the same images at every detail that *model* supports."""
    return [estimate(sizes, model, detail, when) for detail in formula_for(model).details]


def estimate_by_model(
    sizes: Sequence[Size], models: Iterable[str], detail: str, when: datetime
) -> list[ImageCost]:
    """Estimate the same images with each of *models*: the cheapest first, those of unknown price last."""
    costs = [estimate(sizes, model, detail, when) for model in models]
    return sorted(
        costs, key=lambda cost: (cost.cost is None, cost.cost or Decimal(0), cost.tokens, cost.model)
    )


def estimate_by_max_side(
    images: Sequence[ImageSource], model: str, detail: str, when: datetime
) -> dict[int | None, ImageCost]:
    """Estimate the images without downscaling (None), and downscaled to each side that would change them."""
    largest = max((max(image.size) for image in images if isinstance(image, ImageFile)), default=0)
    sides = [None, *(side for side in DOWNSCALE_SIDES if side < largest)]
    return {
        side: estimate([sent_size(image, side) for image in images], model, detail, when) for side in sides
    }


def layout_for(model: str, image: ImageSource, detail: str, max_side: int | None) -> ImageLayout:
    """Return *image* as *model* receives it."""
    return formula_for(model).layout(*sent_size(image, max_side), detail)


def describe_detail(model: str, detail: str) -> str:
    """Return a sentence about what *detail* does to an image with *model*."""
    formula = formula_for(model)
    level_name = formula.resolve_detail(detail)
    level = formula.levels[level_name]
    if formula.method == "tile" and level_name == "low":
        text = f"a small copy at a flat {formula.base:,} tokens."
    elif formula.method == "tile":
        text = (
            "resized to fit 2,048 px with a short side of at most 768 px, "
            f"{formula.base:,} tokens plus {formula.per_tile:,} per 512 × 512 px tile."
        )
    else:
        resize = f"resized to fit {level['side']:,} px" if level["side"] < _NO_RESIZE_SIDE else "no resize"
        budget = f" and at most {level['budget']:,} patches" if "budget" in level else ""
        text = f"{resize}{budget}, {formula.multiplier} tokens per 32 × 32 px patch."
    if level_name == detail:
        return text[0].upper() + text[1:]
    return f"For this model, {detail} = {level_name}: {text}"


def history_messages(request: VisionRequest, run: Run | None) -> list[dict[str, Any]]:
    """Return an earlier question and its answer as messages; empty if it has no answer."""
    text = run.text if run else ""
    return [request.message(), {"role": "assistant", "content": text}] if text else []


def details_to_compare(model: str) -> tuple[Detail, ...]:
    """Return the two details that differ most for *model*, or fewer if it does not have both."""
    supported = formula_for(model).details
    return tuple(detail for detail in DETAILS if detail in supported and detail in ("low", "high"))
