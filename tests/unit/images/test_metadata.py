"""What an image says besides its pixels: it is turned upright, and its metadata stay behind unless kept."""

import io

import pytest
from PIL import Image, ImageChops, ImageOps

from core.images.image import downscale, normalise_image
from tests.unit.images import sample_images
from tests.unit.images.sample_images import decode

# Pillow warns of what a damaged file holds, and of one that is nearly a bomb; both are then refused.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning"
)


def test_turns_an_image_upright() -> None:
    picture = normalise_image(sample_images.rotated_photo())

    assert picture.size == (40, 30)
    assert "Turned upright" in picture.notes[0]
    red, _, blue = decode(picture).getpixel((20, 2))  # type: ignore[misc]
    assert red > 200 > blue


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_leaves_metadata_behind_and_says_what_they_told(kind: str) -> None:
    picture = normalise_image(sample_images.photo_with_location(kind))

    assert picture.has_location
    assert {"location", "camera", "software"} <= set(picture.privacy_metadata)
    assert dict(decode(picture).getexif()) == {}
    assert b"Acme" not in picture.data


def test_keeps_metadata_on_request_but_not_the_orientation() -> None:
    kept = normalise_image(sample_images.photo_with_location(), keep_metadata=True)

    assert kept.includes_metadata
    assert decode(kept).getexif()[sample_images.MAKE] == "Acme"
    assert decode(kept).getexif().get_ifd(sample_images.GPS_IFD)
    assert (
        sample_images.ORIENTATION
        not in decode(normalise_image(sample_images.rotated_photo(), keep_metadata=True)).getexif()
    )


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_takes_a_photo_whose_metadata_cannot_be_written(orientation: int, keep: bool) -> None:
    picture = normalise_image(sample_images.photo_with_numeric_make(orientation), keep_metadata=keep)

    assert picture.size == ((40, 30) if orientation < 5 else (30, 40))
    assert not picture.includes_metadata
    assert any("cannot be written anew" in note for note in picture.notes) == keep


def test_leaves_metadata_out_that_a_jpeg_cannot_hold() -> None:
    picture = normalise_image(sample_images.webp_with_large_exif(), keep_metadata=True)

    assert picture.media_type == "image/jpeg"
    assert (picture.privacy_metadata, picture.includes_metadata) == (("camera",), False)
    assert "left out" in picture.notes[0]


def test_keeps_the_rest_of_metadata_whose_orientation_is_a_text() -> None:
    picture = normalise_image(sample_images.photo_with_text_orientation(), keep_metadata=True)

    assert picture.includes_metadata
    assert decode(picture).getexif()[sample_images.MAKE] == "Acme"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_turns_as_pillow_does(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[sample_images.ORIENTATION] = orientation
    raw = sample_images.encode(sample_images.landscape(), kind, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(raw)))
    assert upright

    turned = decode(normalise_image(raw))

    difference = ImageChops.difference(turned, upright.convert("RGB"))
    assert max(high for _, high in difference.getextrema()) < 40  # type: ignore[misc]


def test_finds_a_place_that_stands_in_xmp() -> None:
    raw = sample_images.solid_image("JPEG")
    note = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='37,33N'/>"
    marked = raw[:2] + b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note + raw[2:]

    picture = normalise_image(marked)

    assert picture.has_location
    assert b"GPSLatitude" not in picture.data


def test_leaves_out_the_texts_of_a_png() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "Somebody")

    assert b"Somebody" not in normalise_image(sample_images.solid_image("PNG", pnginfo=notes)).data


def test_leaves_out_the_comment_of_a_jpeg_unless_asked_to_keep_it() -> None:
    raw = sample_images.solid_image("JPEG", comment=b"taken by Somebody")

    assert normalise_image(raw).privacy_metadata == ("comment",)
    assert b"Somebody" not in normalise_image(raw).data
    assert b"Somebody" not in downscale(normalise_image(raw, keep_metadata=True), 20).data
    assert b"Somebody" in normalise_image(raw, keep_metadata=True).data
