"""Images are decoded and re-encoded without anything but their pixels, or rejected with a reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors.types import PlaygroundError
from core.images.attachments import image_part
from core.images.formats import ImageError
from core.images.image import MAX_BYTES, MAX_PIXELS, downscale, image_size, normalise_image, placeholder_image
from tests.unit.images import sample_images
from tests.unit.images.sample_images import decode

# Pillow warns about damaged files and about nearly too many pixels; both are rejected afterwards.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning"
)


@pytest.mark.parametrize(
    ("image_format", "media_type"),
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
def test_accepts_each_format_and_encodes_it_as_png_or_jpeg(image_format: str, media_type: str) -> None:
    image = normalise_image(sample_images.solid_image(image_format), f"a.{image_format.lower()}")

    assert image.media_type == media_type
    assert (image.size, decode(image).size) == ((40, 30), (40, 30))


@pytest.mark.parametrize("image_format", ["AVIF", "BMP", "TIFF"])
def test_adds_a_note_when_it_converts_a_format_that_the_api_does_not_accept(image_format: str) -> None:
    notes = normalise_image(sample_images.solid_image(image_format)).notes

    assert any(f"Converted from {image_format}" in note for note in notes)


REJECTED = {
    "empty": (b"", "empty"),
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
    "text": (b"hello, world", "Can't read"),
    "PNG of only a signature": (b"\x89PNG\r\n\x1a\n", "Can't read"),
    "truncated JPEG": (sample_images.solid_image("JPEG", (400, 300))[:900], "truncated"),
    "truncated PNG": (sample_images.solid_image("PNG", (400, 300))[:-40], "truncated"),
    "truncated WEBP": (sample_images.solid_image("WEBP", (400, 300))[:-20], "truncated"),
    "pixel bomb": (sample_images.png_bomb(8_000), "8,000 x 8,000 pixels"),
    "pixel bomb near Pillow's limit": (sample_images.png_bomb(10_000), "10,000 x 10,000 pixels"),
    "pixel bomb beyond it": (sample_images.png_bomb(20_000), "far too many pixels"),
    "text bomb": (sample_images.text_bomb(), "truncated"),
    "too many bytes": (b"\xff\xd8\xff" + bytes(MAX_BYTES), "at most 20 MB"),
}


@pytest.mark.parametrize(("raw", "reason"), REJECTED.values(), ids=REJECTED)
def test_rejects_with_a_reason_and_a_hint(raw: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as raised:
        normalise_image(raw, "a.png")

    assert raised.value.hint
    assert len(f"{raised.value}. {raised.value.hint}") <= 300


def test_uses_the_first_frame_of_an_animation() -> None:
    image = normalise_image(sample_images.animated_gif())

    assert "first frame" in image.notes[0]
    assert decode(image).convert("RGB").getpixel((5, 5)) == (0, 0, 0)


def test_adds_a_note_when_the_extension_does_not_match_the_format() -> None:
    image = normalise_image(sample_images.solid_image("JPEG"), "photo.png")

    assert image.notes == ("The extension is .png, but the file is JPEG; it is handled as JPEG",)
    assert normalise_image(sample_images.solid_image("JPEG"), "photo.JPG").notes == ()


def test_removes_everything_but_the_pixels_of_a_polyglot() -> None:
    data = normalise_image(sample_images.polyglot(), "cat.gif").data

    assert b"script" not in data
    assert b"secret" not in data


def test_converts_cmyk() -> None:
    image = normalise_image(sample_images.encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))

    assert decode(image).mode == "RGB"
    assert "CMYK" in image.notes[0]
    red, green, _ = decode(image).getpixel((4, 4))  # type: ignore[misc]
    assert red > 180 > green


@pytest.mark.parametrize("value", [0, 20_000, 65_535])
def test_scales_16_bits_to_8_without_clipping(value: int) -> None:
    deep = Image.new("I;16", (4, 4), value)

    image = normalise_image(sample_images.encode(deep, "PNG"))

    assert decode(image).convert("L").getpixel((1, 1)) == pytest.approx(value / 257, abs=1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "RGB"])
def test_accepts_every_mode_of_a_png(mode: str) -> None:
    image = normalise_image(sample_images.solid_image("PNG", mode=mode))

    assert decode(image).mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")


def test_keeps_transparency() -> None:
    image = normalise_image(
        sample_images.encode(Image.new("RGBA", (9, 9), (255, 0, 0, 40)), "WEBP", lossless=True)
    )

    assert image.media_type == "image/png"
    assert decode(image).getpixel((1, 1)) == (255, 0, 0, 40)


def test_accepts_a_jpeg_with_a_megabyte_of_invalid_metadata() -> None:
    image = normalise_image(sample_images.jpeg_with_large_exif())

    assert len(image.data) < 5_000


def test_accepts_a_single_pixel() -> None:
    assert normalise_image(sample_images.solid_image("PNG", (1, 1))).size == (1, 1)


def test_downscales_to_a_maximum_side_and_never_upscales() -> None:
    image = normalise_image(sample_images.solid_image("JPEG", (400, 300)))

    assert downscale(image, 200).size == decode(downscale(image, 200)).size == (200, 150)
    assert downscale(image, 400) is image
    assert downscale(image, None) is image


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 400))
def test_downscales_any_aspect_ratio(width: int, height: int, max_side: int) -> None:
    small = downscale(normalise_image(sample_images.solid_image("PNG", (width, height))), max_side)

    assert 1 <= max(small.size) <= max(max_side, 1)


@given(st.data())
def test_rejects_a_png_with_any_damaged_byte(data: st.DataObject) -> None:
    """Pillow ignores the first error of a decoder, which then returns black pixels."""
    raw = bytearray(sample_images.encode(sample_images.landscape((400, 300)), "PNG"))
    raw[data.draw(st.integers(sample_images.PNG_START, len(raw) - sample_images.PNG_END - 1))] ^= data.draw(
        st.integers(1, 255)
    )

    with pytest.raises(ImageError, match="damaged"):
        normalise_image(bytes(raw))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_rejects_a_png_whose_end_is_missing(share: float) -> None:
    noise = sample_images.noise()

    with pytest.raises(ImageError, match="damaged"):
        normalise_image(noise[: int(len(noise) * share)])


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_reads_the_size_from_the_header(image_format: str) -> None:
    image = normalise_image(sample_images.solid_image(image_format, (400, 300)))

    assert image_size(image.data_url[:3_000]) == (400, 300)


@given(st.integers(1, 9_000), st.integers(1, 9_000))
def test_reads_the_size_of_a_placeholder(width: int, height: int) -> None:
    assert image_size(placeholder_image(width, height)) == (width, height)


@pytest.mark.parametrize("url", ["", "data:image/png;base64,!!", "https://example.org/a.png", "data:,x"])
def test_returns_no_size_for_what_is_not_an_image(url: str) -> None:
    assert image_size(url) is None


@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"]), st.data())
def test_accepts_or_rejects_any_damaged_file(image_format: str, data: st.DataObject) -> None:
    raw = bytearray(sample_images.solid_image(image_format))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = normalise_image(bytes(raw))
    except ImageError:
        return
    assert image.width * image.height <= MAX_PIXELS


def test_returns_a_content_part_for_the_chat() -> None:
    data = normalise_image(sample_images.photo_with_location()).data_url.partition(",")[2]

    part: dict[str, Any] = image_part(data)

    assert part["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_rejects_incomplete_base64() -> None:
    with pytest.raises(PlaygroundError, match="not transferred completely"):
        image_part("iVBOR*")
