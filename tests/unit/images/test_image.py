"""Images on their way to a model: what is refused and why, and what is left of what is taken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.images.attachments import image_part
from core.images.formats import ImageError
from core.images.image import MAX_BYTES, MAX_PIXELS, downscale, image_size, normalise_image, placeholder_image
from tests.unit.images import sample_images
from tests.unit.images.sample_images import decode

# Pillow warns of what a damaged file holds, and of one that is nearly a bomb; both are then refused.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning"
)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/jpeg"),
        ("GIF", "image/png"),
        ("AVIF", "image/jpeg"),
        ("BMP", "image/png"),
        ("TIFF", "image/png"),
    ],
)
def test_takes_each_format_and_sends_png_or_jpeg(kind: str, media_type: str) -> None:
    picture = normalise_image(sample_images.solid_image(kind), f"a.{kind.lower()}")

    assert picture.media_type == media_type
    assert (picture.stored[0], picture.size, decode(picture).size) == (kind, (40, 30), (40, 30))


@pytest.mark.parametrize("kind", ["AVIF", "BMP", "TIFF"])
def test_says_that_it_converted_what_models_do_not_read(kind: str) -> None:
    assert any(
        f"Converted from {kind}" in note for note in normalise_image(sample_images.solid_image(kind)).notes
    )


REFUSED = {
    "nothing": (b"", "empty"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    "SVG": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "SVG with a byte order mark": (b"\xef\xbb\xbf <svg onload='x()'/>", "SVG"),
    "HTML": (b"<!DOCTYPE html><html></html>", "web page"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
    "Photoshop": (b"8BPS\0\1", "Photoshop"),
    "JPEG 2000": (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    "JPEG XL": (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    "icon": (b"\0\0\1\0\1\0", "Icon"),
    "archive": (b"PK\3\4rest", "ZIP"),
    "video": (b"\0\0\0\x18ftypisom", "video"),
    "text": (b"hello, world", "no image"),
    "PNG of only a signature": (b"\x89PNG\r\n\x1a\n", "no image"),
    "truncated JPEG": (sample_images.solid_image("JPEG", (400, 300))[:900], "cut off"),
    "truncated PNG": (sample_images.solid_image("PNG", (400, 300))[:-40], "cut off"),
    "truncated WEBP": (sample_images.solid_image("WEBP", (400, 300))[:-20], "cut off"),
    "pixel bomb": (sample_images.png_bomb(8_000), "8,000 x 8,000 pixels"),
    "pixel bomb near Pillow's limit": (sample_images.png_bomb(10_000), "10,000 x 10,000 pixels"),
    "pixel bomb beyond it": (sample_images.png_bomb(20_000), "far too many pixels"),
    "text bomb": (sample_images.text_bomb(), "cut off"),
    "too many bytes": (b"\xff\xd8\xff" + bytes(MAX_BYTES), "at most 20 MB"),
}


@pytest.mark.parametrize(("raw", "reason"), REFUSED.values(), ids=REFUSED)
def test_refuses_with_the_reason_and_what_to_do(raw: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as refused:
        normalise_image(raw, "a.png")

    assert refused.value.hint
    assert len(f"{refused.value}. {refused.value.hint}") <= 300


def test_takes_the_first_frame_of_an_animation() -> None:
    picture = normalise_image(sample_images.animated_gif())

    assert "first frame" in picture.notes[0]
    assert decode(picture).convert("RGB").getpixel((5, 5)) == (0, 0, 0)


def test_names_what_a_file_is_when_its_name_says_otherwise() -> None:
    picture = normalise_image(sample_images.solid_image("JPEG"), "photo.png")

    assert picture.notes == ("Named .png, but it is JPEG: taken for what it is",)
    assert normalise_image(sample_images.solid_image("JPEG"), "photo.JPG").notes == ()


def test_leaves_nothing_of_a_polyglot_but_its_pixels() -> None:
    data = normalise_image(sample_images.polyglot(), "cat.gif").data

    assert b"script" not in data
    assert b"secret" not in data


def test_converts_cmyk() -> None:
    picture = normalise_image(sample_images.encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))

    assert decode(picture).mode == "RGB"
    assert "CMYK" in picture.notes[0]
    red, green, _ = decode(picture).getpixel((4, 4))  # type: ignore[misc]
    assert red > 180 > green


@pytest.mark.parametrize("value", [0, 20_000, 65_535])
def test_brings_16_bits_to_8_without_cutting_off(value: int) -> None:
    deep = Image.new("I;16", (4, 4), value)

    picture = normalise_image(sample_images.encode(deep, "PNG"))

    assert decode(picture).convert("L").getpixel((1, 1)) == pytest.approx(value / 257, abs=1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "RGB"])
def test_takes_every_mode_of_a_png(mode: str) -> None:
    picture = normalise_image(sample_images.solid_image("PNG", mode=mode))

    assert decode(picture).mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")


def test_keeps_transparency() -> None:
    picture = normalise_image(
        sample_images.encode(Image.new("RGBA", (9, 9), (255, 0, 0, 40)), "WEBP", lossless=True)
    )

    assert picture.media_type == "image/png"
    assert decode(picture).getpixel((1, 1)) == (255, 0, 0, 40)


def test_takes_a_jpeg_with_a_megabyte_of_broken_metadata() -> None:
    picture = normalise_image(sample_images.jpeg_with_large_exif())

    assert len(picture.data) < 5_000


def test_takes_a_single_pixel() -> None:
    assert normalise_image(sample_images.solid_image("PNG", (1, 1))).size == (1, 1)


def test_shrinks_to_a_longest_side_and_never_grows() -> None:
    picture = normalise_image(sample_images.solid_image("JPEG", (400, 300)))

    assert downscale(picture, 200).size == decode(downscale(picture, 200)).size == (200, 150)
    assert downscale(picture, 400) is picture
    assert downscale(picture, None) is picture


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 400))
def test_shrinks_any_shape(width: int, height: int, longest: int) -> None:
    small = downscale(normalise_image(sample_images.solid_image("PNG", (width, height))), longest)

    assert 1 <= max(small.size) <= max(longest, 1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_measures_an_image_by_its_header(kind: str) -> None:
    picture = normalise_image(sample_images.solid_image(kind, (400, 300)))

    assert image_size(picture.data_url[:3_000]) == (400, 300)


@given(st.integers(1, 9_000), st.integers(1, 9_000))
def test_measures_an_outline(width: int, height: int) -> None:
    assert image_size(placeholder_image(width, height)) == (width, height)


@pytest.mark.parametrize("url", ["", "data:image/png;base64,!!", "https://example.org/a.png", "data:,x"])
def test_measures_nothing_where_there_is_no_image(url: str) -> None:
    assert image_size(url) is None


@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"]), st.data())
def test_takes_or_refuses_whatever_a_damaged_file_holds(kind: str, data: st.DataObject) -> None:
    raw = bytearray(sample_images.solid_image(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = normalise_image(bytes(raw))
    except ImageError:
        return
    assert picture.width * picture.height <= MAX_PIXELS


def test_makes_a_content_part_for_the_chat() -> None:
    data = normalise_image(sample_images.photo_with_location()).data_url.partition(",")[2]

    part: dict[str, Any] = image_part(data)

    assert part["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_refuses_base64_that_did_not_arrive_whole() -> None:
    from core.errors.types import PlaygroundError

    with pytest.raises(PlaygroundError, match="did not arrive whole"):
        image_part("iVBOR*")
