"""The orientation of an image is applied, and its metadata is removed unless it is to be preserved."""

import io

import pytest
from PIL import Image, ImageChops, ImageOps

from core.images.image import downscale, normalise_image
from tests.unit.images import sample_images
from tests.unit.images.sample_images import decode

# Pillow warns about damaged files and about nearly too many pixels; both are rejected afterwards.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning"
)


def test_applies_the_orientation() -> None:
    image = normalise_image(sample_images.rotated_photo())

    assert image.size == (40, 30)
    assert "Rotated" in image.notes[0]
    red, _, blue = decode(image).getpixel((20, 2))  # type: ignore[misc]
    assert red > 200 > blue


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_removes_metadata_and_lists_the_personal_information_in_it(image_format: str) -> None:
    image = normalise_image(sample_images.photo_with_location(image_format))

    assert image.has_location
    assert {"location", "camera", "software"} <= set(image.privacy_metadata)
    assert dict(decode(image).getexif()) == {}
    assert b"Acme" not in image.data


def test_preserves_metadata_on_request_but_not_the_orientation() -> None:
    image = normalise_image(sample_images.photo_with_location(), keep_metadata=True)

    assert image.includes_metadata
    assert decode(image).getexif()[sample_images.MAKE] == "Acme"
    assert decode(image).getexif().get_ifd(sample_images.GPS_IFD)
    assert (
        sample_images.ORIENTATION
        not in decode(normalise_image(sample_images.rotated_photo(), keep_metadata=True)).getexif()
    )


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_accepts_a_photo_whose_metadata_cannot_be_written(orientation: int, keep: bool) -> None:
    image = normalise_image(sample_images.photo_with_numeric_make(orientation), keep_metadata=keep)

    assert image.size == ((40, 30) if orientation < 5 else (30, 40))
    assert not image.includes_metadata
    assert any("could not be preserved" in note for note in image.notes) == keep


def test_removes_metadata_that_a_jpeg_cannot_hold() -> None:
    image = normalise_image(sample_images.webp_with_large_exif(), keep_metadata=True)

    assert image.media_type == "image/jpeg"
    assert (image.privacy_metadata, image.includes_metadata) == (("camera",), False)
    assert "was removed" in image.notes[0]


def test_preserves_metadata_whose_orientation_is_a_text() -> None:
    image = normalise_image(sample_images.photo_with_text_orientation(), keep_metadata=True)

    assert image.includes_metadata
    assert decode(image).getexif()[sample_images.MAKE] == "Acme"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF"])
def test_applies_the_orientation_as_pillow_does(image_format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[sample_images.ORIENTATION] = orientation
    raw = sample_images.encode(sample_images.landscape(), image_format, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(raw)))
    assert upright

    rotated = decode(normalise_image(raw))

    difference = ImageChops.difference(rotated, upright.convert("RGB"))
    assert max(high for _, high in difference.getextrema()) < 40  # type: ignore[misc]


def test_finds_a_location_in_xmp() -> None:
    raw = sample_images.solid_image("JPEG")
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='37,33N'/>"
    with_xmp = raw[:2] + b"\xff\xe1" + (len(xmp) + 2).to_bytes(2, "big") + xmp + raw[2:]

    image = normalise_image(with_xmp)

    assert image.has_location
    assert b"GPSLatitude" not in image.data


def test_removes_the_text_chunks_of_a_png() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "Somebody")

    assert b"Somebody" not in normalise_image(sample_images.solid_image("PNG", pnginfo=info)).data


def test_removes_the_comment_of_a_jpeg_unless_metadata_is_to_be_preserved() -> None:
    raw = sample_images.solid_image("JPEG", comment=b"taken by Somebody")

    assert normalise_image(raw).privacy_metadata == ("comment",)
    assert b"Somebody" not in normalise_image(raw).data
    assert b"Somebody" not in downscale(normalise_image(raw, keep_metadata=True), 20).data
    assert b"Somebody" in normalise_image(raw, keep_metadata=True).data
