"""Draw an image as a model receives it: resized, with a grid of its patches or tiles."""

import io
from typing import TYPE_CHECKING

from core.images.image import ImageFile, open_image
from core.images.tokens import ImageLayout

if TYPE_CHECKING:
    from PIL import ImageDraw

_LIGHT, _DARK = (255, 255, 255), (0, 0, 0)
_MIN_SPACING = 12  # pixels between two grid lines; pages show the drawing at half its size or less


def grid_spacing(layout: ImageLayout, max_side: int) -> int:
    """Return how many cells are between two grid lines if the longer side is drawn with *max_side* pixels."""
    cell_pixels = layout.cell_size * _scale(layout, max_side)
    spacing = 1
    while layout.cells and spacing * cell_pixels < _MIN_SPACING:
        spacing *= 2
    return spacing


def draw_overlay(image_file: ImageFile, layout: ImageLayout, max_side: int = 1024) -> bytes:
    """Return a JPEG of *image_file* resized as in *layout*, no side longer than *max_side* pixels."""
    from PIL import Image, ImageDraw

    scale = _scale(layout, max_side)
    size = max(1, round(layout.width * scale)), max(1, round(layout.height * scale))
    with open_image(image_file.preview or image_file.data) as image:
        image.draft("RGB", size)
        canvas = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    if canvas.has_transparency_data:
        # A JPEG has no transparency: without a background the hidden colours would show.
        background = Image.new("RGBA", canvas.size, "white")
        canvas = Image.alpha_composite(background, canvas.convert("RGBA"))
    canvas = canvas.convert("RGB")
    pen = ImageDraw.Draw(canvas, "RGBA")
    step = layout.cell_size * scale * grid_spacing(layout, max_side)
    for x in _line_positions(layout.columns, size[0], step):
        _draw_line(pen, (x, 0, x, size[1]))
    for y in _line_positions(layout.rows, size[1], step):
        _draw_line(pen, (0, y, size[0], y))
    buffer = io.BytesIO()
    canvas.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def thumbnail(image_file: ImageFile, side: int = 240) -> bytes:
    """Return a small JPEG of *image_file*, without a grid."""
    layout = ImageLayout(*image_file.size, cell_size=1, columns=0, rows=0, tokens=0)
    return draw_overlay(image_file, layout, min(side, max(image_file.size)))


def _scale(layout: ImageLayout, max_side: int) -> float:
    return min(1.0, max_side / max(layout.width, layout.height))


def _line_positions(cells: int, length: int, step: float) -> list[int]:
    return [round(number * step) for number in range(1, int(length / step) + 1)] if cells > 1 else []


def _draw_line(pen: "ImageDraw.ImageDraw", ends: tuple[int, int, int, int]) -> None:
    # A dark line beside a light one is visible on any image.
    left, top, right, bottom = ends
    beside = (left + 2, top, right + 2, bottom) if left == right else (left, top + 2, right, bottom + 2)
    pen.line(ends, (*_LIGHT, 120), width=2)
    pen.line(beside, (*_DARK, 100), width=2)
