"""The drawing of what a model sees has the shape of it, and a line where a cell ends."""

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


def picture(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB") -> ImageFile:
    return normalise_image(sample_images.solid_image(kind, size, mode))


def drawn(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def vertical_lines(image: Image.Image) -> int:
    """Count the places in a row of pixels where a lighter line begins."""
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
def test_draws_a_line_where_a_cell_ends(model: str, size: tuple[int, int], lines: int) -> None:
    seen = formula_for(model).layout(*size, "high")

    image = drawn(draw_overlay(picture(size), seen))

    assert image.size == (seen.width, seen.height)
    assert vertical_lines(image) in (lines, max(lines - 1, 0))


def test_draws_no_line_where_the_price_is_flat() -> None:
    seen = formula_for("gpt-4o").layout(1024, 1024, "low")

    assert vertical_lines(drawn(draw_overlay(picture((1024, 1024)), seen))) == 0


def test_draws_fewer_lines_where_they_would_hide_the_picture() -> None:
    seen = formula_for("gpt-6-luna").layout(10_000, 100, "original")

    assert grid_spacing(seen, 1024) == 4
    assert drawn(draw_overlay(picture((10_000, 100)), seen)).size == (1024, 10)


def test_shows_what_is_see_through_as_white() -> None:
    clear = normalise_image(sample_images.encode(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))

    assert drawn(thumbnail(clear)).getpixel((25, 25)) == 255


def test_makes_thumbnails_that_never_grow() -> None:
    assert drawn(thumbnail(picture((1000, 500)))).size == (240, 120)
    assert drawn(thumbnail(picture((20, 10)))).size == (20, 10)


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from(["gpt-6-luna", "gpt-4o", "gpt-5.4"]))
def test_draws_any_shape(width: int, height: int, model: str) -> None:
    seen = formula_for(model).layout(width, height, "high")

    image = drawn(draw_overlay(picture((width, height)), seen, max_side=100))

    assert max(image.size) == min(100, max(seen.width, seen.height))
