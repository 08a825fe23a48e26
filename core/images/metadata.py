"""The metadata of an image: orientation, personal information, and what can be written again."""

from functools import cache
from typing import TYPE_CHECKING, Any

from core.images.formats import DECODE_ERRORS

if TYPE_CHECKING:
    from PIL import Image

_MAX_EXIF_BYTES = 65_533  # what one segment of a JPEG can hold

# EXIF tags
_GPS, _EXIF = 0x8825, 0x8769
_MAKE, _MODEL, _SOFTWARE, _ARTIST = 0x010F, 0x0110, 0x0131, 0x013B
_DATE_TIME_ORIGINAL, _MAKER_NOTE = 0x9003, 0x927C
_GPS_LATITUDE, _GPS_LONGITUDE = 2, 4


def apply_orientation(image: "Image.Image", exif: "Image.Exif | None") -> tuple["Image.Image", bool]:
    """Return *image* upright, and whether it was rotated; the orientation is removed from *exif*."""
    from PIL import ExifTags

    orientation = exif.get(ExifTags.Base.Orientation) if exif is not None else None
    # Loading a TIFF already rotates it and removes the tag, so the tag is read again afterwards.
    image.load()
    remaining = exif.pop(ExifTags.Base.Orientation, None) if exif is not None else None
    transposes = _transpose_by_orientation()
    upright = image.transpose(transposes[remaining]) if remaining in transposes else image
    return upright, orientation in transposes


@cache
def _transpose_by_orientation() -> "dict[object, Image.Transpose]":
    from PIL.Image import Transpose

    return {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }


def find_privacy_metadata(exif: "Image.Exif | None", raw: bytes) -> tuple[str, ...]:
    """Return the names of the personal information in *exif*, and in the XMP of the file *raw*."""
    # XMP is XML that can be anywhere in the file: searching the bytes needs no parser.
    present = {"location": b"exif:GPSL" in raw}
    if exif is not None:
        try:
            gps, details = exif.get_ifd(_GPS), exif.get_ifd(_EXIF)
        except DECODE_ERRORS:
            gps, details = {}, {}
        present["location"] |= bool(gps.get(_GPS_LATITUDE) or gps.get(_GPS_LONGITUDE))
        present["time"] = _DATE_TIME_ORIGINAL in details
        present["camera"] = _MAKE in exif or _MODEL in exif or _MAKER_NOTE in details
        present["software"] = _SOFTWARE in exif
        present["author"] = _ARTIST in exif
    return tuple(name for name, is_present in present.items() if is_present)


def writable_metadata(exif: "Image.Exif | None", comment: object) -> dict[str, Any]:
    """Return the metadata as arguments to save it; empty if Pillow cannot write it or a JPEG not hold it."""
    try:
        exif_bytes = exif.tobytes() if exif is not None else b""
    except DECODE_ERRORS:
        return {}
    return {"exif": exif_bytes, "comment": comment} if len(exif_bytes) <= _MAX_EXIF_BYTES else {}
