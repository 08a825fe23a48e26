"""Images on their way to a model: checked by their header, turned upright, and without their metadata."""

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
    ImageError,
    extension_mismatch,
    reject_unsupported,
)

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000  # decoded at three or four bytes a pixel
_PIXELS_TAKEN = (
    f"At most {MAX_PIXELS // 1_000_000} million pixels are taken. Make it smaller, and add it again."
)
_DECODERS = ("Avif", "Bmp", "Gif", "Jpeg", "Png", "Tiff", "WebP")
_QUALITY = 92
_PREVIEW = 1600  # pixels of the longer side
_FAST_PNG = 2_000_000  # pixels above which PNG is packed quickly rather than tightly
_GPS, _MAKE, _MODEL, _SOFTWARE, _ARTIST = 0x8825, 0x010F, 0x0110, 0x0131, 0x013B
_EXIF, _TAKEN, _MAKER_NOTE = 0x8769, 0x9003, 0x927C
_MOST_EXIF = 65_533  # bytes that one segment of a JPEG holds

# What Pillow raises for files that lie about themselves, besides its own errors, which are OSErrors.
DECODE_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    LookupError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True)
class ImageFile:
    """An image as it would be sent: *data* is PNG or JPEG of *width* x *height* pixels.

    *stored* is the file's own format, width, height and bytes. *notes* say what was done to it. *revealing*
    names what its metadata tells ("location", "camera", ...), and `kept_metadata` whether that goes along.
    *preview* is a copy to draw from, which is quicker to decode; empty where *data* is small enough.
    """

    name: str
    data: bytes
    media_type: str
    width: int
    height: int
    stored: tuple[str, int, int, int]
    notes: tuple[str, ...] = ()
    privacy_metadata: tuple[str, ...] = ()
    includes_metadata: bool = False
    preview: bytes = b""

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def has_location(self) -> bool:
        """Whether the file says where it was taken."""
        return "location" in self.privacy_metadata

    @cached_property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


def normalise_image(raw: bytes, name: str = "", keep_metadata: bool = False) -> ImageFile:
    """Take the file *raw* as an image and re-encode it, so that nothing but its pixels is left.

    Raises RefusedImage. *name* is only a label; *keep_metadata* carries the EXIF data along.
    """
    if len(raw) > MAX_BYTES:
        raise ImageError(
            f"The file has {len(raw) / 1e6:,.0f} MB; at most {MAX_BYTES // 1_000_000} MB are taken",
            "Make it smaller, and add it again.",
        )
    reject_unsupported(raw)
    from PIL import Image, UnidentifiedImageError

    try:
        with open_image(raw) as image:
            _refuse_by_header(image.width, image.height)
            return _accepted(image, raw, name, keep_metadata)
    except UnidentifiedImageError:
        kinds = ", ".join(API_FORMATS + CONVERTED_FORMATS)
        raise ImageError("This is no image that can be read", f"Taken are {kinds}.") from None
    except Image.DecompressionBombError:
        raise ImageError("The image has far too many pixels", _PIXELS_TAKEN) from None
    except (*DECODE_ERRORS, MemoryError):
        raise ImageError(
            "The image is damaged or cut off", "Open it elsewhere, save it again, and add that."
        ) from None


def open_image(raw: bytes) -> "Image.Image":
    """Read the header of *raw*, offered to the decoders of the formats taken and to no other.

    Raises one of BROKEN, or Image.DecompressionBombError.
    """
    from PIL import Image

    return Image.open(io.BytesIO(raw), formats=_formats())


@cache
def _formats() -> tuple[str, ...]:
    """Load the decoders: Pillow knows only those that have been imported."""
    for name in _DECODERS:
        import_module(f"PIL.{name}ImagePlugin")
    return API_FORMATS + CONVERTED_FORMATS


def image_size(data_url: str) -> tuple[int, int] | None:
    """Read the size of the image in a base64 *data_url* from its header; None if that cannot be."""
    from PIL import Image

    for characters in (4_000, 400_000):  # metadata, where it was kept, stand before a JPEG's size
        try:
            text = data_url.partition(",")[2][:characters]
            head = base64.b64decode(text[: len(text) // 4 * 4])
            with open_image(head) as image:
                return image.size
        except (*DECODE_ERRORS, Image.DecompressionBombError):
            continue
    return None


def placeholder_image(width: int, height: int) -> str:
    """Make a data URL that `measure` reads as so large: a BMP's header, and not one pixel."""
    header = struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54)
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return f"data:image/bmp;base64,{base64.b64encode(header + sizes).decode()}"


def downscale(picture: ImageFile, longest: int | None) -> ImageFile:
    """Return *picture* with no side longer than *longest* pixels; the same one if it fits, or with None."""
    if longest is None or max(picture.size) <= longest:
        return picture
    from PIL import Image

    scale = longest / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    with open_image(picture.data) as image:
        image.draft("RGB", (width, height))  # a JPEG decoder can halve while it reads
        small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        data, media_type = _encoded(small, picture.media_type == "image/jpeg", {})
    return replace(picture, data=data, media_type=media_type, width=width, height=height)


def _refuse_by_header(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(f"The image has {width:,} x {height:,} pixels", _PIXELS_TAKEN)


def _accepted(image: "Image.Image", raw: bytes, name: str, keep: bool) -> ImageFile:
    stored = (_format(image), *image.size, len(raw))
    animated = bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    exif = _exif(image)
    comment = image.info.get("comment") or b""
    revealing = (*_revealing(exif, raw), *(("comment",) if comment else ()))
    upright, turned = _upright(image, exif)
    kept = _kept(exif, comment) if keep and revealing else {}
    data, media_type = _encoded(upright, _is_lossy(image, stored[0]), kept)
    notes = (
        extension_mismatch(name, stored[0]),
        "Animated: only its first frame is sent" if animated else "",
        "Turned upright, as its metadata asks" if turned else "",
        f"Converted from {stored[0]}, which models do not read" if stored[0] in CONVERTED_FORMATS else "",
        "Its metadata cannot be written anew, and are left out" if keep and revealing and not kept else "",
        *_colour_notes(image),
    )
    told = tuple(note for note in notes if note)
    return ImageFile(
        name, data, media_type, *upright.size, stored, told, revealing, bool(kept), _preview(upright)
    )


def _preview(image: "Image.Image") -> bytes:
    """Make the copy that drawings start from; none of a small image, nor of one that lets light through."""
    from PIL import Image

    scale = _PREVIEW / max(image.size)
    if scale >= 1 or image.has_transparency_data:
        return b""
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = _eight_bit(image).convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return _encoded(small, True, {})[0]


def _format(image: "Image.Image") -> str:
    return "JPEG" if image.format == "MPO" else str(image.format)


def _is_lossy(image: "Image.Image", image_format: str) -> bool:
    return image_format in ("JPEG", "WEBP", "AVIF") and not image.has_transparency_data


def _colour_notes(image: "Image.Image") -> tuple[str, ...]:
    converted = "CMYK colours converted to RGB" if image.mode == "CMYK" else ""
    deep = "16 bits a channel reduced to 8" if image.mode.startswith(("I", "F")) else ""
    return converted, deep


def _exif(image: "Image.Image") -> "Image.Exif | None":
    try:
        return image.getexif()
    except DECODE_ERRORS:
        return None


def _upright(image: "Image.Image", exif: "Image.Exif | None") -> tuple["Image.Image", bool]:
    """Turn *image* as its orientation says, and forget that; one that cannot be read turns nothing."""
    from PIL import ExifTags

    asked = exif.get(ExifTags.Base.Orientation) if exif is not None else None
    image.load()  # which turns a TIFF already
    way = exif.pop(ExifTags.Base.Orientation, None) if exif is not None else None
    turned = image.transpose(_turns()[way]) if way in _turns() else image
    return turned, asked in _turns()


@cache
def _turns() -> "dict[object, Image.Transpose]":
    """How to turn an image, by its orientation as EXIF counts them."""
    from PIL.Image import Transpose as Turn

    flips: dict[object, Turn] = {2: Turn.FLIP_LEFT_RIGHT, 3: Turn.ROTATE_180, 4: Turn.FLIP_TOP_BOTTOM}
    return {**flips, 5: Turn.TRANSPOSE, 6: Turn.ROTATE_270, 7: Turn.TRANSVERSE, 8: Turn.ROTATE_90}


def _kept(exif: "Image.Exif | None", comment: object) -> dict[str, Any]:
    """What is written of the metadata; nothing where Pillow cannot write them, or a JPEG cannot hold them."""
    try:
        written = exif.tobytes() if exif is not None else b""
    except DECODE_ERRORS:
        return {}
    return {"exif": written, "comment": comment} if len(written) <= _MOST_EXIF else {}


def _revealing(exif: "Image.Exif | None", raw: bytes) -> tuple[str, ...]:
    """Name what the metadata tell of a person; XMP, which may stand anywhere, is searched for its place."""
    found: dict[str, bool] = {"location": b"exif:GPSL" in raw}
    if exif is not None:
        try:
            place, details = exif.get_ifd(_GPS), exif.get_ifd(_EXIF)
        except DECODE_ERRORS:
            place, details = {}, {}
        found["location"] |= bool(place.get(2) or place.get(4))
        found["time"] = _TAKEN in details
        found["camera"] = _MAKE in exif or _MODEL in exif or _MAKER_NOTE in details
        found["software"] = _SOFTWARE in exif
        found["author"] = _ARTIST in exif
    return tuple(name for name, told in found.items() if told)


def _encoded(image: "Image.Image", lossy: bool, kept: Mapping[str, Any]) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    clear = image.has_transparency_data and not lossy
    plain = image.convert("RGBA") if clear else _eight_bit(image).convert("RGB")
    plain.info = {}  # or a file's texts, comment and palette's transparency would be written again
    if lossy:
        plain.save(buffer, "JPEG", quality=_QUALITY, **kept)
        return buffer.getvalue(), "image/jpeg"
    level = 1 if image.width * image.height > _FAST_PNG else 6
    plain.save(buffer, "PNG", compress_level=level, **kept)
    return buffer.getvalue(), "image/png"


def _eight_bit(image: "Image.Image") -> "Image.Image":
    """Bring 16-bit and floating-point grey to 8 bits by its own range: Pillow would cut it off at 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    wide = image.convert("F")
    low, high = wide.getextrema()
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65_535.0
    assert isinstance(low, float)
    assert isinstance(high, float)
    factor = 255 / (high - low) if high > low else 0.0
    return wide.point(lambda value: value * factor - low * factor).convert("L")
