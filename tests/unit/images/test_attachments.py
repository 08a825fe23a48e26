"""An image is added to a message without its metadata, or rejected with a reason."""

import base64
import io
import struct
import zlib

import pytest
from PIL import Image

from core.errors.types import PlaygroundError
from core.images.attachments import image_part

_GPS = 0x8825
_MAKE = 0x010F
_ORIENTATION = 0x0112


def encode(image: Image.Image, image_format: str = "PNG", **options: object) -> str:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def sent_image(data: str) -> Image.Image:
    """Return the image as it is in the message."""
    url: str = image_part(data)["image_url"]["url"]
    head, _, body = url.partition(";base64,")
    image = Image.open(io.BytesIO(base64.b64decode(body)))
    assert head == f"data:image/{(image.format or '').lower()}"
    return image


def photo(orientation: int = 1) -> str:
    exif = Image.Exif()
    exif[_MAKE] = "Camera"
    exif[_ORIENTATION] = orientation
    exif.get_ifd(_GPS)[1] = "N"
    return encode(Image.new("RGB", (4, 2), "red"), "JPEG", exif=exif)


def test_removes_location_and_camera() -> None:
    image = sent_image(photo())

    assert dict(image.getexif()) == {}
    assert image.format == "JPEG"


def test_applies_the_orientation() -> None:
    assert sent_image(photo(orientation=6)).size == (2, 4)


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "GIF"])
def test_preserves_transparency(image_format: str) -> None:
    assert sent_image(encode(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), image_format)).has_transparency_data


def test_removes_text_chunks() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "secret")

    assert "Comment" not in sent_image(encode(Image.new("RGB", (2, 2)), pnginfo=info)).info


def bomb(width: int, height: int) -> str:
    """A PNG of a few bytes whose header has this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


@pytest.mark.parametrize(
    "data",
    [
        "not base64!",
        base64.b64encode(b"").decode(),
        base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(),
        base64.b64encode(b"%PDF-1.7").decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\nbroken").decode(),
        encode(Image.new("RGB", (9, 9)), "JPEG")[:200],
        bomb(60_000, 60_000),
        bomb(8_000, 8_000),
    ],
    ids=["not base64", "empty", "svg", "pdf", "broken", "truncated", "bomb", "too many pixels"],
)
def test_rejects_what_is_not_an_image_with_a_reason(data: str) -> None:
    with pytest.raises(PlaygroundError) as raised:
        image_part(data)

    assert str(raised.value)
    assert raised.value.hint
