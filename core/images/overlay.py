"""Draw what a model sees: the image at the size it is made to, under the grid of its patches or tiles."""

import io
from typing import TYPE_CHECKING

from core.images.image import ImageFile, open_image
from core.images.tokens import ImageLayout

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_LIGHT, _DARK = (255, 255, 255), (0, 0, 0)
_CLOSEST = 12  # pixels between two lines of the drawing, which pages show at half its size or less


def grid_spacing(seen: ImageLayout, shown: int) -> int:
    """How many cells lie between two lines when the longer side is drawn with *shown* pixels."""
    pixels = seen.cell_size * _scale(seen, shown)
    apart = 1
    while seen.cells and apart * pixels < _CLOSEST:
        apart *= 2
    return apart


def draw_overlay(picture: ImageFile, seen: ImageLayout, max_side: int = 1024) -> bytes:
    """Draw *picture* as *seen*, no side longer than *longest* pixels, as a JPEG."""
    from PIL import Image, ImageDraw

    scale = _scale(seen, max_side)
    size = max(1, round(seen.width * scale)), max(1, round(seen.height * scale))
    with open_image(picture.preview or picture.data) as image:
        image.draft("RGB", size)
        canvas = _on_white(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
    pen = ImageDraw.Draw(canvas, "RGBA")
    step = seen.cell_size * scale * grid_spacing(seen, max_side)
    for x in _marks(seen.columns, size[0], step):
        _line(pen, (x, 0, x, size[1]))
    for y in _marks(seen.rows, size[1], step):
        _line(pen, (0, y, size[0], y))
    buffer = io.BytesIO()
    canvas.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def thumbnail(picture: ImageFile, side: int = 240) -> bytes:
    """A small copy of *picture* to recognise it by, as a JPEG."""
    plain = ImageLayout(*picture.size, 1, 0, 0, 0)
    return draw_overlay(picture, plain, min(side, max(picture.size)))


def _scale(seen: ImageLayout, longest: int) -> float:
    return min(1.0, longest / max(seen.width, seen.height))


def _marks(cells: int, length: int, step: float) -> list[int]:
    return [round(number * step) for number in range(1, int(length / step) + 1)] if cells > 1 else []


def _line(pen: "ImageDraw.ImageDraw", ends: tuple[int, int, int, int]) -> None:
    """A dark and a light line side by side show on any picture."""
    left, top, right, bottom = ends
    beside = (left + 2, top, right + 2, bottom) if left == right else (left, top + 2, right, bottom + 2)
    pen.line(ends, (*_LIGHT, 120), width=2)
    pen.line(beside, (*_DARK, 100), width=2)


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")
