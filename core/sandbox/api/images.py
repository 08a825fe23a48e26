"""Images in messages. Data URLs are decoded and analysed; other URLs are never fetched."""

import base64
import binascii
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from core.sandbox.api.errors import (
    ApiError,
    invalid_request,
    invalid_type,
    missing_parameter,
    unknown_parameter,
)
from core.sandbox.api.image_analysis import ImageDecodeError, ImageStats, analyse_image
from core.sandbox.api.parameters import OneOf

DETAILS = ("auto", "low", "high", "original")
_DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]*);base64,(?P<data>[A-Za-z0-9+/=\s]*)", re.ASCII)
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}
_MAX_CACHED_STATS = 256


@dataclass(frozen=True, slots=True)
class MessageImage:
    """An image of a message. For an http(s) URL, width and height are 0 and stats is None."""

    format: str
    byte_size: int
    width: int = 0
    height: int = 0
    detail: str = "auto"
    stats: ImageStats | None = None


class _ImageStatsCache:
    """The stats of recent images: a conversation sends its images again with every request."""

    def __init__(self) -> None:
        # Keyed by digest, because an lru_cache of the function would hold the images themselves.
        self._stats: OrderedDict[bytes, ImageStats] = OrderedDict()
        self._lock = Lock()

    def get(self, data: bytes) -> ImageStats:
        digest = hashlib.blake2b(data, digest_size=16).digest()
        stats = self._stats.get(digest)
        if stats is None:
            stats = analyse_image(data)
            with self._lock:
                self._stats[digest] = stats
                while len(self._stats) > _MAX_CACHED_STATS:
                    self._stats.popitem(last=False)
        return stats


_image_stats = _ImageStatsCache()


def parse_image(param: str, value: object) -> MessageImage:
    """Parse the `image_url` of a content part. Raises ApiError."""
    if value is None:
        raise missing_parameter(f"{param}.image_url")
    if not isinstance(value, dict):
        raise invalid_type(f"{param}.image_url", "an object", value)
    for name in value:
        if name not in ("url", "detail"):
            raise unknown_parameter(f"{param}.image_url.{name[:60]}")
    url, detail = value.get("url"), value.get("detail") or "auto"
    if url is None:
        raise missing_parameter(f"{param}.image_url.url")
    if not isinstance(url, str):
        raise invalid_type(f"{param}.image_url.url", "a string", url)
    OneOf(DETAILS)(f"{param}.image_url.detail", detail)
    return parse_image_url(f"{param}.image_url.url", url, detail)


def parse_image_url(param: str, url: str, detail: str) -> MessageImage:
    """Decode a data URL; an image at another URL has no content. Raises ApiError."""
    if url.startswith(("https://", "http://")):
        return MessageImage("image at a URL", 0, detail=detail)
    match = _DATA_URL.fullmatch(url)
    if match is None:
        error = "Invalid image. Expected a http(s) URL, or a data URL such as 'data:image/png;base64,...'."
        raise invalid_request(error, param, "invalid_value")
    try:
        data = base64.b64decode(match["data"], validate=False)
    except binascii.Error as exc:
        raise invalid_request("Invalid base64 image_url.", param, "invalid_base64") from exc
    return analyse_image_data(param, data, detail)


def analyse_image_data(param: str, data: bytes, detail: str) -> MessageImage:
    """Return the image whose file has the content *data*. Raises ApiError."""
    # From the first bytes, because the media type in the URL may be wrong.
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        image_format = "webp"
    else:
        signatures = (name for signature, name in _SIGNATURES.items() if data.startswith(signature))
        image_format = next(signatures, "")
    if not image_format:
        raise _unsupported_format()
    try:
        stats = _image_stats.get(data)
    except ImageDecodeError as exc:
        raise invalid_request(str(exc), param, "invalid_image") from exc
    if stats.animated and image_format == "gif":
        raise _unsupported_format()
    return MessageImage(image_format, len(data), stats.width, stats.height, detail, stats)


def _unsupported_format() -> ApiError:
    message = (
        "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
        "['png', 'jpeg', 'gif', 'webp']."
    )
    return invalid_request(message, None, "invalid_image_format")
