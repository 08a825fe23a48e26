"""Images in messages: decoded to see what they are, and never fetched."""

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
_MOST_LOOKS = 256


@dataclass(frozen=True, slots=True)
class MessageImage:
    """An image of a message. Width and height are 0, and there is no look, for a URL: it is never fetched."""

    format: str
    byte_size: int
    width: int = 0
    height: int = 0
    detail: str = "auto"
    stats: ImageStats | None = None


class _Looks:
    """What was seen of the last images, by digest: every question of a conversation brings them again."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, ImageStats] = OrderedDict()
        self._lock = Lock()

    def at(self, data: bytes) -> ImageStats:
        digest = hashlib.blake2b(data, digest_size=16).digest()
        known = self._known.get(digest)
        if known is None:
            known = analyse_image(data)
            with self._lock:
                self._known[digest] = known
                while len(self._known) > _MOST_LOOKS:
                    self._known.popitem(last=False)
        return known


_looks = _Looks()


def parse_image(at: str, value: object) -> MessageImage:
    """Read the `image_url` of a part. Raises ApiProblem."""
    if value is None:
        raise missing_parameter(f"{at}.image_url")
    if not isinstance(value, dict):
        raise invalid_type(f"{at}.image_url", "an object", value)
    for name in value:
        if name not in ("url", "detail"):
            raise unknown_parameter(f"{at}.image_url.{name[:60]}")
    url, detail = value.get("url"), value.get("detail") or "auto"
    if url is None:
        raise missing_parameter(f"{at}.image_url.url")
    if not isinstance(url, str):
        raise invalid_type(f"{at}.image_url.url", "a string", url)
    OneOf(DETAILS)(f"{at}.image_url.detail", detail)
    if url.startswith(("https://", "http://")):
        return MessageImage("image at a URL", 0, detail=detail)
    return _decode(f"{at}.image_url.url", url, detail)


def _decode(at: str, url: str, detail: str) -> MessageImage:
    found = _DATA_URL.fullmatch(url)
    if found is None:
        text = "Invalid image. Expected a http(s) URL, or a data URL such as 'data:image/png;base64,...'."
        raise invalid_request(text, at, "invalid_value")
    try:
        data = base64.b64decode(found["data"], validate=False)
    except binascii.Error as error:
        raise invalid_request("Invalid base64 image_url.", at, "invalid_base64") from error
    kind = _format(data)
    if kind is None:
        raise _unsupported()
    try:
        look = _looks.at(data)
    except ImageDecodeError as problem:
        raise invalid_request(str(problem), at, "invalid_image") from problem
    if look.animated and kind == "gif":
        raise _unsupported()
    return MessageImage(kind, len(data), look.width, look.height, detail, look)


def _unsupported() -> ApiError:
    text = (
        "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
        "['png', 'jpeg', 'gif', 'webp']."
    )
    return invalid_request(text, None, "invalid_image_format")


def _format(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)
