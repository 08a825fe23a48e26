"""Prepare an image for a model: check its header, apply its orientation, remove its metadata."""

import base64
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.images.formats import (
    API_FORMATS,
    CONVERTED_FORMATS,
    DECODE_ERRORS,
    ImageError,
    extension_mismatch,
    reject_unsupported,
)
from core.images.metadata import apply_orientation, find_privacy_metadata, writable_metadata

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000  # decoded at three or four bytes a pixel
_PIXEL_LIMIT_HINT = (
    f"At most {MAX_PIXELS // 1_000_000} million pixels are supported. Reduce its size and add it again."
)
_DECODERS = ("Avif", "Bmp", "Gif", "Jpeg", "Png", "Tiff", "WebP")
_JPEG_QUALITY = 92
_PREVIEW_SIDE = 1600
_FAST_PNG_PIXELS = 2_000_000  # a larger PNG is compressed at level 1, which is several times faster


@dataclass(frozen=True)
class ImageFile:
    """An image as it is sent: *data* is PNG or JPEG of *width* x *height* pixels.

    *notes* list the changes made to it. *privacy_metadata* names the personal information in its metadata
    ("location", "camera", ...), and *includes_metadata* is true if *data* still has it. *preview* is a
    smaller copy that is quicker to decode; it is empty if *data* is small enough.
    """

    name: str
    data: bytes
    media_type: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    privacy_metadata: tuple[str, ...] = ()
    includes_metadata: bool = False
    preview: bytes = b""

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def has_location(self) -> bool:
        """Whether the metadata of the original file has a location."""
        return "location" in self.privacy_metadata

    @cached_property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


def normalise_image(raw: bytes, name: str = "", keep_metadata: bool = False) -> ImageFile:
    """Decode *raw* and encode it again as PNG or JPEG, so that nothing but its pixels remains.

    Raises ImageError. *name* is only a label; *keep_metadata* copies the EXIF data and the comment.
    """
    if len(raw) > MAX_BYTES:
        raise ImageError(
            f"The file is {len(raw) / 1e6:,.0f} MB; an image can be at most {MAX_BYTES // 1_000_000} MB",
            "Reduce its size and add it again.",
        )
    reject_unsupported(raw)
    from PIL import Image, UnidentifiedImageError

    try:
        with open_image(raw) as image:
            # Checked on the header, before any pixel is decoded: a small file can decode to gigabytes.
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(
                    f"The image has {image.width:,} x {image.height:,} pixels", _PIXEL_LIMIT_HINT
                )
            return _re_encode(image, raw, name, keep_metadata)
    except UnidentifiedImageError:
        formats = ", ".join(API_FORMATS + CONVERTED_FORMATS)
        raise ImageError("Can't read this image", f"Supported: {formats}.") from None
    except Image.DecompressionBombError:
        raise ImageError("The image has far too many pixels", _PIXEL_LIMIT_HINT) from None
    except (*DECODE_ERRORS, MemoryError):
        raise ImageError(
            "The image is damaged or truncated",
            "Open it in another program, save it again and add that file.",
        ) from None


def open_image(raw: bytes) -> "Image.Image":
    """Read the header of *raw* with the decoders of the supported formats only.

    Raises one of DECODE_ERRORS, or Image.DecompressionBombError.
    """
    from PIL import Image

    return Image.open(io.BytesIO(raw), formats=_load_decoders())


@cache
def _load_decoders() -> tuple[str, ...]:
    # Pillow recognises only the formats whose plugin has been imported.
    for name in _DECODERS:
        import_module(f"PIL.{name}ImagePlugin")
    return API_FORMATS + CONVERTED_FORMATS


def image_size(data_url: str) -> tuple[int, int] | None:
    """Return the size of the image in a base64 *data_url* from its header, or None if it is unreadable."""
    from PIL import Image

    # The second try is for a JPEG with metadata, which comes before the size.
    for characters in (4_000, 400_000):
        try:
            text = data_url.partition(",")[2][:characters]
            head = base64.b64decode(text[: len(text) // 4 * 4])
            with open_image(head) as image:
                return image.size
        except (*DECODE_ERRORS, Image.DecompressionBombError):
            continue
    return None


def placeholder_image(width: int, height: int) -> str:
    """Return a data URL from which `image_size` reads this size: the header of a BMP, without pixels."""
    header = struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return f"data:image/bmp;base64,{base64.b64encode(header + info).decode()}"


def downscale(image_file: ImageFile, max_side: int | None) -> ImageFile:
    """Return *image_file* with no side longer than *max_side* pixels; unchanged if it fits, or for None."""
    if max_side is None or max(image_file.size) <= max_side:
        return image_file
    from PIL import Image

    scale = max_side / max(image_file.size)
    width, height = (max(1, round(side * scale)) for side in image_file.size)
    with open_image(image_file.data) as image:
        image.draft("RGB", (width, height))  # a JPEG decoder can halve the size while it decodes
        small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        data, media_type = _encode(small, image_file.media_type == "image/jpeg", {})
    return replace(image_file, data=data, media_type=media_type, width=width, height=height)


def _re_encode(image: "Image.Image", raw: bytes, name: str, keep_metadata: bool) -> ImageFile:
    # MPO is a JPEG followed by more images, such as a depth map; the first one is the photo.
    image_format = "JPEG" if image.format == "MPO" else str(image.format)
    animated = bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    _decode(image, raw)
    try:
        exif = image.getexif()
    except DECODE_ERRORS:
        exif = None
    comment = image.info.get("comment") or b""
    privacy_metadata = (*find_privacy_metadata(exif, raw), *(("comment",) if comment else ()))
    upright, rotated = apply_orientation(image, exif)
    metadata = writable_metadata(exif, comment) if keep_metadata and privacy_metadata else {}
    lossy = image_format in ("JPEG", "WEBP", "AVIF") and not image.has_transparency_data
    data, media_type = _encode(upright, lossy, metadata)
    lost_metadata = keep_metadata and privacy_metadata and not metadata
    converted = image_format in CONVERTED_FORMATS
    notes = (
        extension_mismatch(name, image_format),
        "Animated: only the first frame is sent" if animated else "",
        "Rotated according to its EXIF orientation" if rotated else "",
        f"Converted from {image_format}, which the API does not accept" if converted else "",
        "Metadata could not be preserved and was removed" if lost_metadata else "",
        "CMYK colours converted to RGB" if image.mode == "CMYK" else "",
        "16 bits per channel reduced to 8" if image.mode.startswith(("I", "F")) else "",
    )
    return ImageFile(
        name,
        data,
        media_type,
        *upright.size,
        notes=tuple(filter(None, notes)),
        privacy_metadata=privacy_metadata,
        includes_metadata=bool(metadata),
        preview=_encode_preview(upright),
    )


def _decode(image: "Image.Image", raw: bytes) -> None:
    """Decode *image* before anything else reads from it. Raises one of DECODE_ERRORS if it is damaged.

    A decoder that has failed once returns black pixels, without another error.
    """
    if image.format == "PNG":
        # The decoder does not compare checksums.
        with open_image(raw) as copy:
            copy.verify()
    # Loading a TIFF removes its orientation, and reading its EXIF data decodes nothing.
    if image.format != "TIFF":
        image.load()


def _encode_preview(image: "Image.Image") -> bytes:
    from PIL import Image

    scale = _PREVIEW_SIDE / max(image.size)
    # A JPEG has no transparency, so a transparent image is drawn from its PNG.
    if scale >= 1 or image.has_transparency_data:
        return b""
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = _eight_bit(image).convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return _encode(small, True, {})[0]


def _encode(image: "Image.Image", lossy: bool, metadata: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return *image* as JPEG if *lossy*, else as PNG, and its media type."""
    buffer = io.BytesIO()
    transparent = image.has_transparency_data and not lossy
    converted = image.convert("RGBA") if transparent else _eight_bit(image).convert("RGB")
    converted.info = {}  # else Pillow writes the original's texts, comment and palette transparency again
    if lossy:
        converted.save(buffer, "JPEG", quality=_JPEG_QUALITY, **metadata)
        return buffer.getvalue(), "image/jpeg"
    level = 1 if image.width * image.height > _FAST_PNG_PIXELS else 6
    converted.save(buffer, "PNG", compress_level=level, **metadata)
    return buffer.getvalue(), "image/png"


def _eight_bit(image: "Image.Image") -> "Image.Image":
    """Scale 16-bit and floating-point grey to 8 bits; Pillow would clip it at 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    grey = image.convert("F")
    low, high = grey.getextrema()
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65_535.0
    assert isinstance(low, float)
    assert isinstance(high, float)
    factor = 255 / (high - low) if high > low else 0.0
    return grey.point(lambda value: value * factor - low * factor).convert("L")
