"""Images on their way into a chat message, as the browser hands them over."""

import base64
import binascii
from typing import Any

from core.errors.types import PlaygroundError
from core.images.image import normalise_image


def image_part(data: str) -> dict[str, Any]:
    """Make a content part of a base64 image, re-encoded so that place, time and camera stay behind.

    Raises PlaygroundError saying what is wrong with the file.
    """
    return {"type": "image_url", "image_url": {"url": normalise_image(_decode(data)).data_url}}


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise PlaygroundError("An image did not arrive whole", "Attach it again.") from None
