"""Image files as people and attackers have them, each built here."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, Base

from core.images.image import ImageFile

ORIENTATION, MAKE = Base.Orientation, Base.Make
GPS_IFD = 0x8825


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def solid_image(
    kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any
) -> bytes:
    """An image of one colour."""
    return encode(Image.new(mode, size, "tomato" if mode in ("RGB", "RGBA") else 100), kind, **options)


def landscape(size: tuple[int, int] = (40, 30)) -> Image.Image:
    """Red above, blue below: which way is up can be told."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill="blue")
    return image


def rotated_photo(kind: str = "JPEG") -> bytes:
    """A landscape as a phone held upright stores it: its pixels lie on their side, and its EXIF says so."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encode(landscape().transpose(Image.Transpose.ROTATE_90), kind, exif=exif)


def photo_with_location(kind: str = "JPEG") -> bytes:
    """A photo that tells where, and with what camera, it was taken."""
    exif = Image.Exif()
    exif[MAKE] = "Acme"
    exif[Base.Software] = "Camera 1.0"
    exif[GPS_IFD] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (37.0, 33.0, 59.0)}
    return encode(landscape(), kind, exif=exif)


def _with_exif(orientation: tuple[int, bytes], maker: tuple[int, int, bytes]) -> bytes:
    """A JPEG with two EXIF entries as written: a kind and value, and a kind, a count and a value."""
    kind, value = orientation
    entries = struct.pack("<HHHI4s", 2, ORIENTATION, kind, 1, value)
    kind, count, maker_value = maker
    entries += struct.pack("<HHII", MAKE, kind, count, 38) + bytes(4)
    whole = solid_image("JPEG")
    body = b"Exif\0\0II*\0\x08\0\0\0" + entries + maker_value
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + whole[2:]


def photo_with_numeric_make(orientation: int) -> bytes:
    """A photo whose metadata Pillow reads, but cannot write: its camera's maker is a DOUBLE."""
    return _with_exif((3, struct.pack("<HH", orientation, 0)), (12, 1, struct.pack("<d", 1.5)))


def photo_with_text_orientation() -> bytes:
    return _with_exif((2, b"6\0\0\0"), (2, 5, b"Acme\0"))


def webp_with_large_exif() -> bytes:
    """A photo with more metadata than a JPEG can hold."""
    exif = Image.Exif()
    exif[MAKE] = "Acme" * 25_000
    return encode(landscape(), "WEBP", exif=exif)


def animated_gif(frames: int = 3) -> bytes:
    pictures = [Image.new("RGB", (20, 20), (80 * n, 0, 0)) for n in range(frames)]
    return encode(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int = 20_000) -> bytes:
    """A small file of one-bit pixels that decodes to hundreds of megabytes."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG whose compressed comment is far larger than its pixels."""
    whole = solid_image("PNG")
    comment = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    return whole[:33] + comment + whole[33:]


def jpeg_with_large_exif() -> bytes:
    """A JPEG with as much metadata as one segment holds, many times over."""
    whole = solid_image("JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", 65_000) + b"Exif\0\0" + b"x" * (65_000 - 8)
    return whole[:2] + segment * 20 + whole[2:]


def polyglot() -> bytes:
    """A GIF that is a script too, with an archive behind its end."""
    return solid_image("GIF") + b"/*<script>alert(1)</script>*/PK\x03\x04secret"


def decode(picture: ImageFile) -> Image.Image:
    """The picture as Pillow reads it, to its last pixel."""
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image
