"""The overlay has the aspect ratio of the image as the model receives it, and a line between cells."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.images.image import ImageFile, normalise_image
from core.images.overlay import draw_overlay, grid_spacing, thumbnail
from core.images.tokens import formula_for
from tests.unit.images import sample_images


def image_file(size: tuple[int, int], image_format: str = "PNG", mode: str = "RGB") -> ImageFile:
    return normalise_image(sample_images.solid_image(image_format, size, mode))


def decode(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def vertical_lines(image: Image.Image) -> int:
    """Return how many lighter lines start in a row of pixels."""
    row = image.crop((0, 8, image.width, 9)).tobytes()
    light = [value > row[8] + 20 for value in row]
    return sum(now and not before for before, now in pairwise(light))


@pytest.mark.parametrize(
    ("model", "size", "lines"),
    [
        pytest.param("gpt-5.6-luna", (320, 320), 10, id="patches of 32 px"),
        pytest.param("gpt-4o", (1024, 512), 2, id="tiles of 512 px"),
        pytest.param("gpt-4o", (512, 512), 0, id="a single tile"),
    ],
)
def test_draws_a_line_between_cells(model: str, size: tuple[int, int], lines: int) -> None:
    layout = formula_for(model).layout(*size, "high")

    image = decode(draw_overlay(image_file(size), layout))

    assert image.size == (layout.width, layout.height)
    assert vertical_lines(image) in (lines, max(lines - 1, 0))


def test_draws_no_grid_where_the_price_is_flat() -> None:
    layout = formula_for("gpt-4o").layout(1024, 1024, "low")

    assert vertical_lines(decode(draw_overlay(image_file((1024, 1024)), layout))) == 0


def test_draws_fewer_lines_where_they_would_cover_the_image() -> None:
    layout = formula_for("gpt-6-luna").layout(10_000, 100, "original")

    assert grid_spacing(layout, 1024) == 4
    assert decode(draw_overlay(image_file((10_000, 100)), layout)).size == (1024, 10)


def test_draws_transparency_as_white() -> None:
    transparent = normalise_image(sample_images.encode(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))

    assert decode(thumbnail(transparent)).getpixel((25, 25)) == 255


def test_never_upscales_a_thumbnail() -> None:
    assert decode(thumbnail(image_file((1000, 500)))).size == (240, 120)
    assert decode(thumbnail(image_file((20, 10)))).size == (20, 10)


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from(["gpt-6-luna", "gpt-4o", "gpt-5.4"]))
def test_draws_any_aspect_ratio(width: int, height: int, model: str) -> None:
    layout = formula_for(model).layout(width, height, "high")

    image = decode(draw_overlay(image_file((width, height)), layout, max_side=100))

    assert max(image.size) == min(100, max(layout.width, layout.height))
