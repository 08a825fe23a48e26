"""Images on their way into a message: checked, turned upright, and without their metadata."""

import base64
import binascii
import io
from typing import Any

from core.errors import PlaygroundError

FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF")
MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000  # decoded at four bytes a pixel; a phone's photo has 12 to 50 million


def image_part(data: str) -> dict[str, Any]:
    """Make a content part of a base64 image, re-encoded so that place, time and camera stay behind.

    Raises PlaygroundError saying what is wrong with the file.
    """
    encoded = base64.b64encode(_clean(_decode(data))).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/{_kind(encoded)};base64,{encoded}"}}


def _decode(data: str) -> bytes:
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise PlaygroundError("An image did not arrive whole", "Attach it again.") from None
    if len(raw) > MAX_BYTES:
        raise PlaygroundError("An image is larger than 20 MB", "Make it smaller and attach it again.")
    return raw


def _clean(raw: bytes) -> bytes:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PlaygroundError(
                    f"An image has {image.width} x {image.height} pixels",
                    f"At most {MAX_PIXELS // 1_000_000} million are taken.",
                )
            upright = ImageOps.exif_transpose(image)
            return _encode(upright, opaque=image.format in ("JPEG", "MPO"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise PlaygroundError(
            "An image cannot be read", "Use a PNG, JPEG, WebP or GIF file that opens elsewhere."
        ) from None


def _encode(image: Any, opaque: bool) -> bytes:
    buffer = io.BytesIO()
    if opaque:
        image.convert("RGB").save(buffer, "JPEG", quality=92)
    else:
        image.convert("RGBA" if image.has_transparency_data else "RGB").save(buffer, "PNG")
    return buffer.getvalue()


def _kind(encoded: str) -> str:
    return "jpeg" if encoded.startswith("/9j/") else "png"
