"""Which file formats are accepted as images, by their signature, and why others are rejected."""

import struct
from dataclasses import dataclass

from core.errors.types import PlaygroundError

API_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
CONVERTED_FORMATS = ("AVIF", "BMP", "TIFF")

# What Pillow raises for malformed files besides its own errors, which are OSErrors.
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

_FORMAT_BY_EXTENSION = {
    **dict.fromkeys(("jpg", "jpeg", "jfif", "mpo"), "JPEG"),
    **dict.fromkeys(("tif", "tiff"), "TIFF"),
    **{name.lower(): name for name in ("PNG", "WEBP", "GIF", "AVIF", "BMP")},
}
_CONVERT_HINT = "Save it as JPEG or PNG and add that file."


class ImageError(PlaygroundError):
    """A file that cannot be used as an image; the message is the reason, the hint what to do."""


@dataclass(frozen=True, slots=True)
class _UnsupportedFormat:
    """A format that is recognised only to name it in the error; the signature starts at *offset*."""

    signatures: tuple[bytes, ...]
    title: str
    hint: str = _CONVERT_HINT
    offset: int = 0


_UNSUPPORTED = (
    _UnsupportedFormat(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
        "HEIC photos are not supported",
        offset=8,
    ),
    _UnsupportedFormat((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), "JPEG 2000 is not supported"),
    _UnsupportedFormat((b"\0\0\0\x0cJXL ", b"\xff\x0a"), "JPEG XL is not supported"),
    _UnsupportedFormat((b"8BPS",), "Photoshop files are not supported"),
    _UnsupportedFormat((b"%!PS", b"\xc5\xd0\xd3\xc6"), "PostScript is not supported"),
    _UnsupportedFormat((b"%PDF",), "This is a PDF, not an image", "Save the page as PNG and add that file."),
    _UnsupportedFormat((b"\0\0\1\0", b"\0\0\2\0"), "Icon files are not supported"),
    _UnsupportedFormat(
        (b"PK\3\4",), "This is a ZIP archive or an Office file", "Extract its images and add those."
    ),
    # After HEIC, which has the same box at this offset and differs only in its brand.
    _UnsupportedFormat((b"ftyp",), "This is a video", "Save a frame as JPEG and add that file.", offset=4),
)


def reject_unsupported(raw: bytes) -> None:
    """Raise ImageError for an empty file or a recognised but unsupported format, without decoding it."""
    if not raw:
        raise ImageError("The file is empty", "It has 0 bytes: copy or download it again.")
    # AVIF is the one image format in an "ftyp" box that is supported.
    if raw[8:12] in (b"avif", b"avis"):
        return
    for unsupported in _UNSUPPORTED:
        if raw[unsupported.offset :].startswith(unsupported.signatures):
            raise ImageError(unsupported.title, unsupported.hint)
    start = raw[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in raw[:20_000].lower():
        raise ImageError(
            "SVG is not supported",
            "It is a vector format and may contain scripts. Export it as PNG and add that file.",
        )
    if start.startswith((b"<!doctype html", b"<html")):
        raise ImageError("This is a web page, not an image", "Save the image itself and add that file.")


def extension_mismatch(name: str, image_format: str) -> str:
    """Return a notice if the extension of *name* belongs to another format, else an empty string."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    expected_format = _FORMAT_BY_EXTENSION.get(extension)
    if expected_format is None or expected_format == image_format:
        return ""
    return f"The extension is .{extension}, but the file is {image_format}; it is handled as {image_format}"
