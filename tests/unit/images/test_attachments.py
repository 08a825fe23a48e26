"""An image goes into a message without what it would give away, and only if it is one."""

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


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def sent(data: str) -> Image.Image:
    """The image as the message holds it."""
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
    return encoded(Image.new("RGB", (4, 2), "red"), "JPEG", exif=exif)


def test_leaves_place_and_camera_behind() -> None:
    image = sent(photo())

    assert dict(image.getexif()) == {}
    assert image.format == "JPEG"


def test_turns_a_photo_upright() -> None:
    assert sent(photo(orientation=6)).size == (2, 4)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_keeps_what_is_see_through(kind: str) -> None:
    assert sent(encoded(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), kind)).has_transparency_data


def test_leaves_text_chunks_behind() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "secret")

    assert "Comment" not in sent(encoded(Image.new("RGB", (2, 2)), pnginfo=info)).info


def bomb(width: int, height: int) -> str:
    """A PNG of a few bytes that claims to be as large as that."""
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
        encoded(Image.new("RGB", (9, 9)), "JPEG")[:200],
        bomb(60_000, 60_000),
        bomb(8_000, 8_000),
    ],
    ids=["no base64", "empty", "svg", "pdf", "broken", "cut", "bomb", "too many pixels"],
)
def test_refuses_what_is_no_image_in_words(data: str) -> None:
    with pytest.raises(PlaygroundError) as refused:
        image_part(data)

    assert str(refused.value)
    assert refused.value.hint
