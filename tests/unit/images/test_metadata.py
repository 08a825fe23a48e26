"""What an image says besides its pixels: it is turned upright, and its metadata stay behind unless kept."""

import io

import pytest
from PIL import Image, ImageChops, ImageOps

from core.images.image import accept, shrunk
from tests.unit.images import sample_images
from tests.unit.images.sample_images import opened

# Pillow warns of what a damaged file holds, and of one that is nearly a bomb; both are then refused.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning"
)


def test_turns_an_image_upright() -> None:
    picture = accept(sample_images.on_its_side())

    assert picture.size == (40, 30)
    assert "Turned upright" in picture.notes[0]
    red, _, blue = opened(picture).getpixel((20, 2))  # type: ignore[misc]
    assert red > 200 > blue


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_leaves_metadata_behind_and_says_what_they_told(kind: str) -> None:
    picture = accept(sample_images.with_place(kind))

    assert picture.located
    assert {"location", "camera", "software"} <= set(picture.revealing)
    assert dict(opened(picture).getexif()) == {}
    assert b"Acme" not in picture.data


def test_keeps_metadata_on_request_but_not_the_orientation() -> None:
    kept = accept(sample_images.with_place(), keep_metadata=True)

    assert kept.kept_metadata
    assert opened(kept).getexif()[sample_images.MAKE] == "Acme"
    assert opened(kept).getexif().get_ifd(sample_images.GPS_IFD)
    assert (
        sample_images.ORIENTATION
        not in opened(accept(sample_images.on_its_side(), keep_metadata=True)).getexif()
    )


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_takes_a_photo_whose_metadata_cannot_be_written(orientation: int, keep: bool) -> None:
    picture = accept(sample_images.with_a_number_for_a_maker(orientation), keep_metadata=keep)

    assert picture.size == ((40, 30) if orientation < 5 else (30, 40))
    assert not picture.kept_metadata
    assert any("cannot be written anew" in note for note in picture.notes) == keep


def test_leaves_metadata_out_that_a_jpeg_cannot_hold() -> None:
    picture = accept(sample_images.webp_with_much_exif(), keep_metadata=True)

    assert picture.media_type == "image/jpeg"
    assert (picture.revealing, picture.kept_metadata) == (("camera",), False)
    assert "left out" in picture.notes[0]


def test_keeps_the_rest_of_metadata_whose_orientation_is_a_text() -> None:
    picture = accept(sample_images.with_a_text_for_an_orientation(), keep_metadata=True)

    assert picture.kept_metadata
    assert opened(picture).getexif()[sample_images.MAKE] == "Acme"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_turns_as_pillow_does(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[sample_images.ORIENTATION] = orientation
    raw = sample_images.encoded(sample_images.landscape(), kind, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(raw)))
    assert upright

    turned = opened(accept(raw))

    difference = ImageChops.difference(turned, upright.convert("RGB"))
    assert max(high for _, high in difference.getextrema()) < 40  # type: ignore[misc]


def test_finds_a_place_that_stands_in_xmp() -> None:
    raw = sample_images.plain("JPEG")
    note = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='37,33N'/>"
    marked = raw[:2] + b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note + raw[2:]

    picture = accept(marked)

    assert picture.located
    assert b"GPSLatitude" not in picture.data


def test_leaves_out_the_texts_of_a_png() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "Somebody")

    assert b"Somebody" not in accept(sample_images.plain("PNG", pnginfo=notes)).data


def test_leaves_out_the_comment_of_a_jpeg_unless_asked_to_keep_it() -> None:
    raw = sample_images.plain("JPEG", comment=b"taken by Somebody")

    assert accept(raw).revealing == ("comment",)
    assert b"Somebody" not in accept(raw).data
    assert b"Somebody" not in shrunk(accept(raw, keep_metadata=True), 20).data
    assert b"Somebody" in accept(raw, keep_metadata=True).data
