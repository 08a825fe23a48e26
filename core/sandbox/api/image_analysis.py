"""What can be measured of an image without knowing what it shows."""

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
_MOST_PIXELS = 64_000_000
_SIDE = 384  # pixels: measures are taken of a copy that is no longer than that
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, KeyError, IndexError, TypeError)

# The middle of what people call by a name, in sRGB.
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
    """The image cannot be decoded; the message is the API's."""


@dataclass(frozen=True, slots=True)
class ImageStats:
    """An image measured: brightness, contrast, sharpness and what is see-through in percent.

    `colours` are names with their shares, the largest first; `kind` is "text", "chart", "drawing", "photo" or
    "plain": what it is like, by its lines and colours.
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
    """Decode and measure *data*. Raises Unreadable."""
    from PIL import Image

    for name in _FORMATS.values():
        import_module(f"PIL.{name}ImagePlugin")
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise ImageDecodeError(f"Image is too large: {image.width} x {image.height} pixels.")
            return _measured(image)
    except (*_BROKEN, Image.DecompressionBombError) as error:
        text = "The image data you provided does not represent a valid image. Please check your input."
        raise ImageDecodeError(text) from error


def _measured(image: "Image.Image") -> ImageStats:
    from PIL import ImageStat

    size, animated = image.size, bool(getattr(image, "is_animated", False))
    image.draft("RGB", (_SIDE, _SIDE))
    image.load()
    small, opacity = _on_white(image)
    grey = small.convert("L")
    spread = ImageStat.Stat(grey)
    return ImageStats(
        *size,
        animated,
        _colours(small, opacity),
        round(spread.mean[0] / 2.55),
        round(min(spread.stddev[0] / 1.275, 100)),
        _sharpness(grey),
        round(100 - ImageStat.Stat(opacity).mean[0] / 2.55),
        _kind(small, grey),
    )


def _on_white(image: "Image.Image") -> tuple["Image.Image", "Image.Image"]:
    """Return a small copy on white, and how opaque each of its pixels is."""
    from PIL import Image

    scale = min(1.0, _SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    clear = image.convert("RGBA").resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    opacity = clear.getchannel("A")
    white = Image.new("RGB", size, "white")
    white.paste(clear.convert("RGB"), mask=opacity)
    return white, opacity


def _colours(small: "Image.Image", opacity: "Image.Image") -> tuple[tuple[str, int], ...]:
    """Name the colours that take 4 % or more of what is not see-through."""
    tiny, seen = small.resize((64, 64)), opacity.resize((64, 64))
    counts: Counter[str] = Counter()
    for (red, green, blue), (opaque,) in zip(_pixels(tiny), _pixels(seen), strict=True):
        if opaque >= 128:
            counts[_name(red | 3, green | 3, blue | 3)] += 1
    total = counts.total() or 1
    return tuple((name, round(100 * n / total)) for name, n in counts.most_common(6) if n / total >= 0.04)


def _pixels(image: "Image.Image") -> list[tuple[int, ...]]:
    """The pixels in order, each as a tuple of its bands."""
    data, bands = image.tobytes(), len(image.getbands())
    return [tuple(data[at : at + bands]) for at in range(0, len(data), bands)]


@lru_cache(maxsize=4096)
def _name(red: int, green: int, blue: int) -> str:
    def distance(name: str) -> int:
        other_red, other_green, other_blue = PALETTE[name]
        return 3 * (red - other_red) ** 2 + 4 * (green - other_green) ** 2 + 2 * (blue - other_blue) ** 2

    return min(PALETTE, key=distance)


def _sharpness(grey: "Image.Image") -> int:
    """How steep the steepest edges are: 0 for a blur, 100 for lines from black to white."""
    edges = _steepness(grey).histogram()
    left = max(1, sum(edges) // 200)
    for level in range(255, -1, -1):
        left -= edges[level]
        if left <= 0:
            return round(level / 2.55)
    return 0


def _steepness(grey: "Image.Image") -> "Image.Image":
    """The difference of each pixel to its neighbours on the right and below."""
    from PIL import ImageChops

    right, below = ImageChops.offset(grey, -1, 0), ImageChops.offset(grey, 0, -1)
    found = ImageChops.lighter(ImageChops.difference(grey, right), ImageChops.difference(grey, below))
    return found.crop((0, 0, max(1, grey.width - 1), max(1, grey.height - 1)))


def _kind(small: "Image.Image", grey: "Image.Image") -> str:
    """Tell by what share the commonest colours take, by colourful areas, and by lines of ink."""
    flat = Counter(_pixels(small.resize((96, 96), 0).quantize(16).convert("RGB")))
    shares = [count / flat.total() for _, count in flat.most_common()]
    if shares[0] > 0.985:
        return "plain"
    colourful = sum(count for colour, count in flat.items() if max(colour) - min(colour) > 60) / flat.total()
    if _is_many_coloured(small):
        return "photo"
    if shares[0] > 0.5 and colourful < 0.05 and _lines_of_ink(grey) >= 3:
        return "text"
    return "chart" if shares[0] > 0.35 and colourful > 0.03 else "drawing"


def _is_many_coloured(small: "Image.Image") -> bool:
    """Whether most pixels differ a little from their neighbours, as in what a lens has drawn."""
    steps = _steepness(small.convert("L")).histogram()
    return sum(steps[1:24]) / sum(steps) > 0.4 and len(set(_pixels(small.resize((64, 64), 0)))) > 600


def _lines_of_ink(grey: "Image.Image") -> int:
    """Count the rows of writing: bands with ink in them, with bands of bare ground between."""
    ground = max(range(256), key=grey.histogram().__getitem__)
    ink = grey.point([255 if abs(level - ground) > 60 else 0 for level in range(256)])
    rows = ink.resize((1, grey.height), 4).tobytes()
    written = [6 < row < 190 for row in rows]
    return sum(now and not before for before, now in zip([False, *written], written, strict=False))
