"""Images in messages: what they are, read from their first bytes and never fetched."""

import base64
import binascii
import math
import re
import struct
from dataclasses import dataclass

from core.sandbox.parameters import OneOf
from core.sandbox.problems import ApiProblem, invalid, missing, unknown, wrong_type

_DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]*);base64,(?P<data>[A-Za-z0-9+/=\s]*)", re.ASCII)
_PATCH = 32
_HIGH_BUDGET = 2_500
_DETAILS = ("auto", "low", "high", "original")
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a message. Width and height are 0 where unknown, as for a URL, which is never fetched."""

    format: str
    size: int
    width: int = 0
    height: int = 0
    detail: str = "auto"

    def describe(self) -> str:
        if not self.size:
            return f"{self.format} (not fetched)"
        pixels = f", {self.width}×{self.height} px" if self.width else ""
        return f"{self.format.upper()}, {self.size:,} bytes{pixels}"


def read_image(at: str, value: object) -> Image:
    """Read the `image_url` of a part. Raises ApiProblem."""
    if value is None:
        raise missing(f"{at}.image_url")
    if not isinstance(value, dict):
        raise wrong_type(f"{at}.image_url", "an object", value)
    for name in value:
        if name not in ("url", "detail"):
            raise unknown(f"{at}.image_url.{name}")
    url, detail = value.get("url"), value.get("detail") or "auto"
    if not isinstance(url, str):
        raise (
            missing(f"{at}.image_url.url")
            if url is None
            else wrong_type(f"{at}.image_url.url", "a string", url)
        )
    OneOf(_DETAILS)(f"{at}.image_url.detail", detail)
    if url.startswith(("https://", "http://")):
        return Image("image at a URL", 0, detail=detail)
    return _decode(f"{at}.image_url.url", url, detail)


def _decode(at: str, url: str, detail: str) -> Image:
    found = _DATA_URL.fullmatch(url)
    if found is None:
        text = "Invalid image. Expected a http(s) URL, or a data URL such as 'data:image/png;base64,...'."
        raise invalid(text, at, "invalid_value")
    try:
        data = base64.b64decode(found["data"], validate=False)
    except binascii.Error as error:
        raise invalid("Invalid base64 image_url.", at, "invalid_base64") from error
    kind = _format(data)
    if kind is None:
        raise _unsupported()
    width, height = _measure(kind, data)
    return Image(kind, len(data), width, height, detail)


def _unsupported() -> ApiProblem:
    text = (
        "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
        "['png', 'jpeg', 'gif', 'webp']."
    )
    return invalid(text, None, "invalid_image_format")


def _format(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)


def _measure(kind: str, data: bytes) -> tuple[int, int]:
    try:
        if kind == "png":
            width, height = struct.unpack(">II", data[16:24])
        elif kind == "gif":
            width, height = struct.unpack("<HH", data[6:10])
        else:
            return _measure_jpeg(data) if kind == "jpeg" else _measure_webp(data)
    except struct.error:
        return 0, 0
    return int(width), int(height)


def _measure_jpeg(data: bytes) -> tuple[int, int]:
    """Walk the markers to the frame header, which holds height and width."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return 0, 0


def _measure_webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def image_tokens(image: Image, tiled: bool) -> int:
    """Count tokens by OpenAI's vision guide: *tiled* for gpt-4o and its like, else patches of 32 px.

    An image of unknown size counts as 1024 by 1024. Multipliers of single models are not applied here.
    """
    width, height = (image.width or 1024), (image.height or 1024)
    return _tiles(width, height, image.detail) if tiled else _patches(width, height, image.detail)


def _tiles(width: int, height: int, detail: str) -> int:
    if detail == "low":
        return 85
    scale = min(1.0, 2048 / max(width, height))
    scale *= min(1.0, 768 / (min(width, height) * scale))
    return 85 + 170 * math.ceil(int(width * scale) / 512) * math.ceil(int(height * scale) / 512)


def _patches(width: int, height: int, detail: str) -> int:
    limit = {"low": 512, "high": 2048}.get(detail, 65_535)
    scale = min(1.0, limit / max(width, height))
    width, height = round(width * scale), round(height * scale)
    count = _patch_count(width, height)
    if detail == "high" and count > _HIGH_BUDGET:
        count = _patch_count(*_within_budget(width, height, _HIGH_BUDGET))
    return math.ceil(round(count * 1.2, 6))


def _patch_count(width: int, height: int) -> int:
    return math.ceil(width / _PATCH) * math.ceil(height / _PATCH)


def _within_budget(width: int, height: int, budget: int) -> tuple[int, int]:
    """Shrink until the patches fit, and so that one side is a whole number of patches."""
    scale = math.sqrt(_PATCH**2 * budget / (width * height))
    across, down = width * scale / _PATCH, height * scale / _PATCH
    scale *= min(math.floor(across) / across, math.floor(down) / down)
    return math.floor(width * scale), math.floor(height * scale)
