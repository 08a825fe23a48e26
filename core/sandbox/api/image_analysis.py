"""Image statistics: size, colours, brightness, contrast, sharpness, transparency and kind."""

import io
import struct
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = {"PNG": "Png", "JPEG": "Jpeg", "WEBP": "WebP", "GIF": "Gif"}
_MAX_PIXELS = 64_000_000
_ANALYSED_SIDE = 384  # pixels; larger images are downscaled first
_DECODE_ERRORS = (OSError, ValueError, SyntaxError, EOFError, struct.error, KeyError, IndexError, TypeError)

# A typical sRGB value of each colour name.
PALETTE = {
    "black": (15, 15, 15),
    "white": (250, 250, 250),
    "grey": (128, 128, 128),
    "light grey": (200, 200, 200),
    "dark grey": (70, 70, 70),
    "red": (210, 35, 35),
    "dark red": (125, 20, 25),
    "orange": (245, 140, 25),
    "brown": (120, 75, 40),
    "beige": (225, 205, 170),
    "yellow": (250, 225, 50),
    "green": (50, 160, 70),
    "dark green": (20, 80, 45),
    "light green": (150, 215, 140),
    "teal": (20, 130, 125),
    "light blue": (150, 200, 240),
    "blue": (40, 95, 210),
    "dark blue": (20, 35, 95),
    "purple": (125, 60, 165),
    "pink": (245, 150, 185),
}


class ImageDecodeError(Exception):
    """The image cannot be decoded. The message is the API's."""


@dataclass(frozen=True, slots=True)
class ImageStats:
    """Statistics of an image. Brightness, contrast, sharpness and transparency are percentages.

    `colours` are the names of the main colours with their percentages, the largest first.
    `kind` is "text", "chart", "drawing", "photo" or "plain".
    """

    width: int
    height: int
    animated: bool
    colours: tuple[tuple[str, int], ...]
    brightness: int
    contrast: int
    sharpness: int
    transparency: int
    kind: str

    @property
    def orientation(self) -> str:
        if abs(self.width - self.height) * 50 <= max(self.width, self.height):
            return "square"
        return "landscape" if self.width > self.height else "portrait"


def analyse_image(data: bytes) -> ImageStats:
    """Decode *data* and compute its statistics. Raises ImageDecodeError."""
    from PIL import Image, ImageStat

    for name in _FORMATS.values():
        import_module(f"PIL.{name}ImagePlugin")
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise ImageDecodeError(f"Image is too large: {image.width} x {image.height} pixels.")
            # Read before draft(), which changes the size.
            width, height = image.size
            animated = bool(getattr(image, "is_animated", False))
            image.draft("RGB", (_ANALYSED_SIDE, _ANALYSED_SIDE))
            image.load()
            small, alpha = _flatten_on_white(image)
            grey = small.convert("L")
            grey_stats = ImageStat.Stat(grey)
            return ImageStats(
                width,
                height,
                animated,
                _main_colours(small, alpha),
                round(grey_stats.mean[0] / 2.55),
                round(min(grey_stats.stddev[0] / 1.275, 100)),
                _sharpness(grey),
                round(100 - ImageStat.Stat(alpha).mean[0] / 2.55),
                _classify(small, grey),
            )
    except (*_DECODE_ERRORS, Image.DecompressionBombError) as exc:
        message = "The image data you provided does not represent a valid image. Please check your input."
        raise ImageDecodeError(message) from exc


def _flatten_on_white(image: "Image.Image") -> tuple["Image.Image", "Image.Image"]:
    """Return a downscaled copy on a white background, and its alpha channel."""
    from PIL import Image

    scale = min(1.0, _ANALYSED_SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    if image.mode.startswith("I;16"):
        # convert("RGBA") would clip 16-bit values at 255 instead of scaling them.
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    resized = image.convert("RGBA").resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    alpha = resized.getchannel("A")
    flattened = Image.new("RGB", size, "white")
    flattened.paste(resized.convert("RGB"), mask=alpha)
    return flattened, alpha


def _main_colours(small: "Image.Image", alpha: "Image.Image") -> tuple[tuple[str, int], ...]:
    """Return the colours of at least 4 % of the opaque pixels."""
    counts: Counter[str] = Counter()
    pixels = zip(_pixels(small.resize((64, 64))), _pixels(alpha.resize((64, 64))), strict=True)
    for (red, green, blue), (opacity,) in pixels:
        if opacity >= 128:
            # Two bits fewer per channel, so that the cache of _colour_name is hit more often.
            counts[_colour_name(red | 3, green | 3, blue | 3)] += 1
    total = counts.total() or 1
    return tuple((name, round(100 * n / total)) for name, n in counts.most_common(6) if n / total >= 0.04)


def _pixels(image: "Image.Image") -> list[tuple[int, ...]]:
    data, bands = image.tobytes(), len(image.getbands())
    return [tuple(data[offset : offset + bands]) for offset in range(0, len(data), bands)]


@lru_cache(maxsize=4096)
def _colour_name(red: int, green: int, blue: int) -> str:
    def distance(name: str) -> int:
        other_red, other_green, other_blue = PALETTE[name]
        # Weighted, because the eye is most sensitive to green and least to blue.
        return 3 * (red - other_red) ** 2 + 4 * (green - other_green) ** 2 + 2 * (blue - other_blue) ** 2

    return min(PALETTE, key=distance)


def _sharpness(grey: "Image.Image") -> int:
    """Return the gradient that 0.5 % of the pixels exceed: 0 for a blur, 100 for black lines on white."""
    histogram = _gradient(grey).histogram()
    remaining = max(1, sum(histogram) // 200)
    for level in range(255, -1, -1):
        remaining -= histogram[level]
        if remaining <= 0:
            return round(level / 2.55)
    return 0


def _gradient(grey: "Image.Image") -> "Image.Image":
    """Return the difference of each pixel from its neighbours on the right and below."""
    from PIL import ImageChops

    right, below = ImageChops.offset(grey, -1, 0), ImageChops.offset(grey, 0, -1)
    gradient = ImageChops.lighter(ImageChops.difference(grey, right), ImageChops.difference(grey, below))
    # offset() wraps around, so the last column and row are compared with the first.
    return gradient.crop((0, 0, max(1, grey.width - 1), max(1, grey.height - 1)))


def _classify(small: "Image.Image", grey: "Image.Image") -> str:
    """Return the kind of image, by the most common colours, saturated areas, gradients and lines of text."""
    colours = Counter(_pixels(small.resize((96, 96), 0).quantize(16).convert("RGB")))
    largest_share = colours.most_common(1)[0][1] / colours.total()
    if largest_share > 0.985:
        return "plain"
    saturated = sum(count for colour, count in colours.items() if max(colour) - min(colour) > 60)
    saturated_share = saturated / colours.total()
    # In a photo, most pixels differ a little from their neighbours; drawings have areas of one colour.
    gradients = _gradient(small.convert("L")).histogram()
    has_small_gradients = sum(gradients[1:24]) / sum(gradients) > 0.4
    if has_small_gradients and len(set(_pixels(small.resize((64, 64), 0)))) > 600:
        return "photo"
    if largest_share > 0.5 and saturated_share < 0.05 and _count_text_lines(grey) >= 3:
        return "text"
    return "chart" if largest_share > 0.35 and saturated_share > 0.03 else "drawing"


def _count_text_lines(grey: "Image.Image") -> int:
    """Return the number of horizontal bands with ink that are separated by bands of background."""
    background = max(range(256), key=grey.histogram().__getitem__)
    ink = grey.point([255 if abs(level - background) > 60 else 0 for level in range(256)])
    rows = ink.resize((1, grey.height), 4).tobytes()
    # Between the bounds: a row without ink is background, a row full of ink is a rule or a box.
    has_text = [6 < row < 190 for row in rows]
    return sum(now and not before for before, now in zip([False, *has_text], has_text, strict=False))
