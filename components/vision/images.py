"""The images of the Vision page: the album of a session, its thumbnails and notices."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from uuid import uuid4

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.images import overlay
from core.images.fetch import fetch_image
from core.images.image import ImageFile, normalise_image
from core.images.tokens import ImageLayout
from core.paths import DATA
from core.runs import event_loop
from core.vision.request import ImageSource, RemoteImage

EXAMPLES_DIR = DATA / "pictures"
MAX_IMAGES = 50
MAX_ALBUM_BYTES = 200_000_000  # of the server's memory, per session
_KEY = "vision.images"
_MAX_DRAWINGS = 60
_MAX_NAME_LENGTH = 14
_MAX_VISIBLE_NOTES = 3


@dataclass(frozen=True, slots=True)
class AlbumImage:
    """An image of the album. *raw* is the original file, if it has metadata that can be restored."""

    source: ImageSource
    raw: bytes = b""
    id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def name(self) -> str:
        return self.source.name or "image"

    @property
    def file(self) -> ImageFile | None:
        return self.source if isinstance(self.source, ImageFile) else self.source.file


@dataclass(slots=True, eq=False)
class Album:
    """The images that a session has added; *errors* are the names of rejected files with the reason."""

    images: list[AlbumImage] = field(default_factory=list)
    errors: list[tuple[str, PlaygroundError]] = field(default_factory=list)
    keep_metadata: bool = False
    drawings: dict[tuple[str, ImageLayout], bytes] = field(default_factory=dict)

    def add_file(self, raw: bytes, name: str) -> None:
        """Add a file, or the reason why it is rejected to `errors`."""
        try:
            self._check_capacity()
            file = normalise_image(raw, name, self.keep_metadata)
        except PlaygroundError as error:
            self.errors.append((name, error))
            return
        self.images.append(AlbumImage(file, raw if file.privacy_metadata else b""))

    def _check_capacity(self) -> None:
        if len(self.images) >= MAX_IMAGES:
            raise PlaygroundError(f"There are {MAX_IMAGES} images already", "Remove some, then add more.")
        size = sum(len(image.raw) + len(image.file.data) for image in self.images if image.file)
        if size > MAX_ALBUM_BYTES:
            raise PlaygroundError(
                f"The images use more than {MAX_ALBUM_BYTES // 1_000_000} MB", "Remove some, then add more."
            )

    def add_url(self, url: str) -> None:
        """Add an image that is sent as its URL. Raises PlaygroundError if there are too many."""
        self._check_capacity()
        self.images.append(AlbumImage(RemoteImage(url)))

    def fetch_preview(self, image: AlbumImage) -> None:
        """Fetch a copy of a remote image only to show it; its URL is what is sent."""
        assert isinstance(image.source, RemoteImage)
        try:
            raw = event_loop.run_until_complete(fetch_image(image.source.url))
            self.replace_source(image, replace(image.source, file=normalise_image(raw, image.name)))
        except PlaygroundError as error:
            self.errors.append((image.name, error))

    def replace_source(self, image: AlbumImage, source: ImageSource) -> None:
        self.images = [
            replace(other, source=source) if other.id == image.id else other for other in self.images
        ]

    def remove(self, image_id: str) -> None:
        self.images = [image for image in self.images if image.id != image_id]

    def set_keep_metadata(self, keep_metadata: bool) -> None:
        """Encode all images with metadata again, with or without it."""
        self.keep_metadata = keep_metadata
        for image in [image for image in self.images if image.raw]:
            try:
                self.replace_source(image, normalise_image(image.raw, image.name, keep_metadata))
            except PlaygroundError as error:
                self.errors.append((image.name, error))

    def overlay(self, image: AlbumImage, layout: ImageLayout) -> bytes | None:
        """Return *image* drawn with its grid, from the cache if possible; None without a file."""
        if image.file is None:
            return None
        key = (image.id, layout)
        if key not in self.drawings:
            while len(self.drawings) >= _MAX_DRAWINGS:
                self.drawings.pop(next(iter(self.drawings)))
            self.drawings[key] = overlay.draw_overlay(image.file, layout)
        return self.drawings[key]

    def thumbnail(self, image: AlbumImage) -> bytes | None:
        """Return a small copy of *image*, from the cache if possible; None without a file."""
        if image.file is None:
            return None
        # No model has an empty layout, so the key cannot be that of an overlay.
        key = (image.id, ImageLayout(0, 0, 0, 0, 0, 0))
        if key not in self.drawings:
            self.drawings[key] = overlay.thumbnail(image.file)
        return self.drawings[key]


def get_album() -> Album:
    """Return this session's album, which starts with an example so that the first click succeeds."""
    album = session.session_object(Album)
    # Not an empty album: the user may have removed the example.
    if not session.widget_value(f"{_KEY}.started"):
        session.set_widget_value(f"{_KEY}.started", True)
        add_example(album, "chart.png")
    return album


def add_example(album: Album, name: str) -> None:
    album.add_file((EXAMPLES_DIR / name).read_bytes(), name)


def thumbnails(album: Album) -> list[AlbumImage]:
    """Draw the images, and return the selected ones."""
    if not album.images:
        st.info(
            "No images yet. Upload or paste an image, take a photo, or add an example.",
            icon=":material/image:",
        )
        return []
    with st.container(horizontal=True, gap="small", key=f"{_KEY}.list"):
        return [image for number, image in enumerate(album.images, 1) if _tile(album, image, number)]


def _tile(album: Album, image: AlbumImage, number: int) -> bool:
    """Draw one image with its actions, and return whether it is selected."""
    name = image.name if len(image.name) <= _MAX_NAME_LENGTH else f"{image.name[: _MAX_NAME_LENGTH - 1]}…"
    with st.container(width=148, border=True, gap="xxsmall", key=f"{_KEY}.tile.{image.id}"):
        if image.file and (thumbnail := album.thumbnail(image)):
            st.image(thumbnail, alt=f"Image {number}: {image.name}", width="stretch")
            size = len(image.file.data)
            file_size = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
            description = f"{image.file.width}×{image.file.height} · {file_size}"
        else:
            st.button(
                "Preview",
                icon=":material/visibility:",
                key=f"{_KEY}.preview.{image.id}",
                help="Download it once from the public internet, to show it and read its size",
                on_click=album.fetch_preview,
                args=(image,),
            )
            description = ":material/link: sent as its URL"
        key = f"{_KEY}.send.{image.id}"
        selected = st.checkbox(escape_markdown(name), value=True, key=key, persist_state="session")
        st.caption(description)
        st.button(
            "Remove",
            icon=":material/close:",
            type="tertiary",
            key=f"{_KEY}.remove.{image.id}",
            help=f"Remove image {number}, {escape_markdown(image.name)}",
            on_click=album.remove,
            args=(image.id,),
        )
    return selected


def notices(album: Album) -> None:
    """Draw the rejected files, the metadata in the others, and the changes made to them."""
    for name, error in album.errors:
        error_card(explain(error), icon=":material/block:", prefix=f"{escape_markdown(name)}:")
    if album.errors:
        st.button("Dismiss", type="tertiary", key=f"{_KEY}.dismiss", on_click=album.errors.clear)
    files = [image.file for image in album.images if image.file]
    if with_metadata := [file for file in files if file.privacy_metadata]:
        _metadata_notice(album, with_metadata)
    notes = [f"{escape_markdown(file.name)}: {note}." for file in files for note in file.notes]
    label = f"Changes to the files ({len(notes)})"
    is_long = len(notes) > _MAX_VISIBLE_NOTES
    with st.expander(label, icon=":material/info:") if is_long else nullcontext():
        for note in notes:
            st.caption(note)


def _metadata_notice(album: Album, files: Sequence[ImageFile]) -> None:
    located = [escape_markdown(file.name) for file in files if file.has_location]
    kinds = ", ".join(sorted({kind for file in files for kind in file.privacy_metadata}))
    consequence = "is sent with the image" if album.keep_metadata else "is removed before anything is sent"
    if located:
        names = ", ".join(located[:3]) + (" …" if len(located) > 3 else "")
        st.warning(
            f"Location found in {names}: the metadata says where the photo was taken. "
            f"The metadata ({kinds}) {consequence}.",
            icon=":material/location_on:",
        )
    else:
        st.caption(f"The metadata ({kinds}) {consequence}.")
    keep_metadata = st.toggle(
        "Keep metadata",
        value=album.keep_metadata,
        key=f"{_KEY}.keep_metadata",
        help="The model does not see it.",
    )
    if keep_metadata != album.keep_metadata:
        album.set_keep_metadata(keep_metadata)
        st.rerun()
