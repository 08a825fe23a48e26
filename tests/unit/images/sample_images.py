"""Image files as users and attackers have them."""

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, Base

from core.images.image import ImageFile

PNG_START, PNG_END = 41, 12  # of what is not pixels: the header, and the last chunk
ORIENTATION, MAKE = Base.Orientation, Base.Make
GPS_IFD = 0x8825


def encode(image: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def solid_image(
    image_format: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any
) -> bytes:
    """An image of one colour."""
    return encode(
        Image.new(mode, size, "tomato" if mode in ("RGB", "RGBA") else 100), image_format, **options
    )


def landscape(size: tuple[int, int] = (40, 30)) -> Image.Image:
    """An image that is red above and blue below, to recognise its orientation."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill="blue")
    return image


def noise(image_format: str = "PNG", size: tuple[int, int] = (80, 60)) -> bytes:
    """An image that cannot be compressed, so that its pixels are most of the file."""
    pixels = random.Random(1).randbytes(size[0] * size[1] * 3)
    return encode(Image.frombytes("RGB", size, pixels), image_format)


def rotated_photo(image_format: str = "JPEG") -> bytes:
    """A photo as a phone stores it: the pixels are rotated, and the EXIF orientation says how."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encode(landscape().transpose(Image.Transpose.ROTATE_90), image_format, exif=exif)


def photo_with_location(image_format: str = "JPEG") -> bytes:
    """A photo whose metadata has its location and camera."""
    exif = Image.Exif()
    exif[MAKE] = "Acme"
    exif[Base.Software] = "Camera 1.0"
    exif[GPS_IFD] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (37.0, 33.0, 59.0)}
    return encode(landscape(), image_format, exif=exif)


def _with_exif(orientation: tuple[int, bytes], make: tuple[int, int, bytes]) -> bytes:
    """A JPEG with two raw EXIF entries: a type and a value, and a type, a count and a value."""
    exif_type, value = orientation
    entries = struct.pack("<HHHI4s", 2, ORIENTATION, exif_type, 1, value)
    exif_type, count, make_value = make
    entries += struct.pack("<HHII", MAKE, exif_type, count, 38) + bytes(4)
    jpeg = solid_image("JPEG")
    body = b"Exif\0\0II*\0\x08\0\0\0" + entries + make_value
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def photo_with_numeric_make(orientation: int) -> bytes:
    """A photo whose metadata Pillow can read but not write: the make of its camera is a DOUBLE."""
    return _with_exif((3, struct.pack("<HH", orientation, 0)), (12, 1, struct.pack("<d", 1.5)))


def photo_with_text_orientation() -> bytes:
    return _with_exif((2, b"6\0\0\0"), (2, 5, b"Acme\0"))


def webp_with_large_exif() -> bytes:
    """A photo with more metadata than a JPEG can hold."""
    exif = Image.Exif()
    exif[MAKE] = "Acme" * 25_000
    return encode(landscape(), "WEBP", exif=exif)


def animated_gif(frames: int = 3) -> bytes:
    images = [Image.new("RGB", (20, 20), (80 * n, 0, 0)) for n in range(frames)]
    return encode(images[0], "GIF", save_all=True, append_images=images[1:])


def png_chunk(chunk_type: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + chunk_type + body + struct.pack(">I", zlib.crc32(chunk_type + body))


def png_bomb(side: int = 20_000) -> bytes:
    """A small file of one-bit pixels that decodes to hundreds of megabytes."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG whose compressed comment is far larger than its pixels."""
    png = solid_image("PNG")
    comment = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    return png[:33] + comment + png[33:]


def jpeg_with_large_exif() -> bytes:
    """A JPEG with as much metadata as one segment holds, many times over."""
    jpeg = solid_image("JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", 65_000) + b"Exif\0\0" + b"x" * (65_000 - 8)
    return jpeg[:2] + segment * 20 + jpeg[2:]


def polyglot() -> bytes:
    """A GIF that is also a script, followed by an archive."""
    return solid_image("GIF") + b"/*<script>alert(1)</script>*/PK\x03\x04secret"


def decode(image_file: ImageFile) -> Image.Image:
    """Return the image with all its pixels decoded."""
    image = Image.open(io.BytesIO(image_file.data))
    image.load()
    return image
