"""What kind of file something is, by its first bytes: which images are taken, and why others are not."""

from dataclasses import dataclass

from core.errors.types import PlaygroundError

API_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
CONVERTED_FORMATS = ("AVIF", "BMP", "TIFF")
SUFFIXES = ("png", "jpg", "jpeg", "jfif", "webp", "gif", "avif", "bmp", "tif", "tiff")

_BY_NAME = {
    **dict.fromkeys(("jpg", "jpeg", "jfif", "mpo"), "JPEG"),
    **dict.fromkeys(("tif", "tiff"), "TIFF"),
    **{name.lower(): name for name in ("PNG", "WEBP", "GIF", "AVIF", "BMP")},
}
_CONVERT = "Save it as JPEG or PNG, and add that."
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class ImageError(PlaygroundError):
    """A file that is not taken as an image; the message says why and the hint what to do."""


@dataclass(frozen=True, slots=True)
class _UnsupportedFormat:
    """A kind of file that is told apart only to say why it is refused; *at* is where its mark stands."""

    signatures: tuple[bytes, ...]
    title: str
    hint: str = _CONVERT
    offset: int = 0


_REFUSED = (
    _UnsupportedFormat(
        _HEIC_BRANDS, "HEIC photos are not taken: models do not read them", _CONVERT, offset=8
    ),
    _UnsupportedFormat((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), "JPEG 2000 is not taken"),
    _UnsupportedFormat((b"\0\0\0\x0cJXL ", b"\xff\x0a"), "JPEG XL is not taken"),
    _UnsupportedFormat((b"8BPS",), "Photoshop files are not taken"),
    _UnsupportedFormat(
        (b"%!PS", b"\xc5\xd0\xd3\xc6"), "PostScript is not taken: it is a program, not a picture"
    ),
    _UnsupportedFormat(
        (b"%PDF",), "This is a PDF, not an image", "Save the page you mean as PNG, and add that."
    ),
    _UnsupportedFormat((b"\0\0\1\0", b"\0\0\2\0"), "Icon files are not taken"),
    _UnsupportedFormat(
        (b"PK\3\4",), "This is a ZIP archive or an Office file", "Unpack it, and add the images in it."
    ),
    _UnsupportedFormat(
        (b"ftyp",), "This is a video", "Save the frame you mean as JPEG, and add that.", offset=4
    ),
)
_PIXELS = "It is drawn by instructions and may hold scripts. Export it as PNG, and add that."


def reject_unsupported(raw: bytes) -> None:
    """Raise RefusedImage for what can be told without a decoder: an empty file, or a kind not taken."""
    if not raw:
        raise ImageError("The file is empty", "It has 0 bytes: copy or download it again.")
    if raw[8:12] in (b"avif", b"avis"):
        return
    found = next((kind for kind in _REFUSED if raw[kind.offset :].startswith(kind.signatures)), None)
    if found:
        raise ImageError(found.title, found.hint)
    start = raw[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in raw[:20_000].lower():
        raise ImageError("SVG is not taken", _PIXELS)
    if start.startswith((b"<!doctype html", b"<html")):
        raise ImageError("This is a web page, not an image", "Save the image itself, and add that.")


def extension_mismatch(name: str, image_format: str) -> str:
    """Say so where the ending of *name* stands for another kind of image; else empty."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    promised = _BY_NAME.get(suffix)
    if promised is None or promised == image_format:
        return ""
    return f"Named .{suffix}, but it is {image_format}: taken for what it is"
