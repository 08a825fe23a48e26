"""Images that are attached to a chat message, as the browser sends them."""

import base64
import binascii
from typing import Any

from core.errors.types import PlaygroundError
from core.images.image import normalise_image


def image_part(data: str) -> dict[str, Any]:
    """Return a content part for a base64 image, re-encoded so that location, time and camera are removed.

    Raises PlaygroundError with the reason if the file cannot be used.
    """
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise PlaygroundError("An image was not transferred completely", "Attach it again.") from None
    return {"type": "image_url", "image_url": {"url": normalise_image(raw).data_url}}
