"""The images of the Vision page: those that were added, and which of them go along."""

from collections.abc import Iterable
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
from core.vision.request import ImageSource, RemoteImage

EXAMPLES_DIR = DATA / "pictures"
MAX_IMAGES = 50
MAX_ALBUM_BYTES = 200_000_000  # of the server's memory, for each session
_KEY = "vision.album"
_MOST_DRAWN = 60
_NOTES_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class AlbumImage:
    """An image of the album. *raw* is the file as it came, kept where its metadata may yet be wanted."""

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
    """What a session has added; *problems* are the names of what was not taken, with the reason."""

    images: list[AlbumImage] = field(default_factory=list)
    errors: list[tuple[str, PlaygroundError]] = field(default_factory=list)
    keep_metadata: bool = False
    drawings: dict[tuple[str, ImageLayout], bytes] = field(default_factory=dict)

    def add_file(self, raw: bytes, name: str) -> None:
        """Take a file, or remember why not."""
        try:
            self._refuse_too_many()
            picture = normalise_image(raw, name, self.keep_metadata)
        except PlaygroundError as refusal:
            self.errors.append((name, refusal))
            return
        self.images.append(AlbumImage(picture, raw if picture.privacy_metadata else b""))

    def _refuse_too_many(self) -> None:
        if len(self.images) >= MAX_IMAGES:
            raise PlaygroundError(f"There are {MAX_IMAGES} images already", "Remove some, then add more.")
        held = sum(len(item.raw) + len(item.file.data) for item in self.images if item.file)
        if held > MAX_ALBUM_BYTES:
            raise PlaygroundError(
                f"The images take more than {MAX_ALBUM_BYTES // 1_000_000} MB", "Remove some, then add more."
            )

    def add_url(self, url: str) -> None:
        """Add an image that is sent as its URL. Raises PlaygroundError when there are too many."""
        self._refuse_too_many()
        self.images.append(AlbumImage(RemoteImage(url)))

    def fetch_preview(self, item: AlbumImage) -> None:
        """Fetch what the URL of *item* leads to, only to show it: the URL is what is sent."""
        assert isinstance(item.source, RemoteImage)
        try:
            raw = session.run_async(fetch_image(item.source.url))
            self.replace_source(item, replace(item.source, file=normalise_image(raw, item.name)))
        except PlaygroundError as refusal:
            self.errors.append((item.name, refusal))

    def replace_source(self, item: AlbumImage, source: ImageSource) -> None:
        """Put *source* in the place of *item*'s."""
        self.images = [replace(one, source=source) if one.id == item.id else one for one in self.images]

    def remove(self, item_id: str) -> None:
        self.images = [item for item in self.images if item.id != item_id]

    def set_keep_metadata(self, keep: bool) -> None:
        """Encode anew what has metadata, with or without them."""
        self.keep_metadata = keep
        for item in [item for item in self.images if item.raw]:
            try:
                self.replace_source(item, normalise_image(item.raw, item.name, keep))
            except PlaygroundError as refusal:
                self.errors.append((item.name, refusal))

    def overlay(self, item: AlbumImage, seen: ImageLayout) -> bytes | None:
        """The picture of *item* as *seen*, drawn once."""
        if item.file is None:
            return None
        key = (f"{item.id}{item.file.includes_metadata}", seen)
        if key not in self.drawings:
            while len(self.drawings) >= _MOST_DRAWN:
                self.drawings.pop(next(iter(self.drawings)))
            self.drawings[key] = overlay.draw_overlay(item.file, seen)
        return self.drawings[key]

    def thumbnail(self, item: AlbumImage) -> bytes | None:
        if item.file is None:
            return None
        key = (item.id, ImageLayout(0, 0, 0, 0, 0, 0))
        if key not in self.drawings:
            self.drawings[key] = overlay.thumbnail(item.file)
        return self.drawings[key]


def get_album() -> Album:
    """This session's album; the first time it holds an example, so that the first click succeeds."""
    found = session.session_object(Album)
    if not session.widget_value(f"{_KEY}.begun"):
        session.set_widget_value(f"{_KEY}.begun", True)
        add_example(found, "chart.png")
    return found


def add_example(found: Album, name: str) -> None:
    found.add_file((EXAMPLES_DIR / name).read_bytes(), name)


def thumbnails(found: Album) -> list[AlbumImage]:
    """Draw the images, and return those that are ticked."""
    if not found.images:
        st.info("No image yet. Upload, paste or photograph one, or take an example.", icon=":material/image:")
        return []
    with st.container(horizontal=True, gap="small", key=f"{_KEY}.strip"):
        return [item for number, item in enumerate(found.images, 1) if _tile(found, item, number)]


def _tile(found: Album, item: AlbumImage, number: int) -> bool:
    with st.container(width=148, border=True, gap="xxsmall", key=f"{_KEY}.tile.{item.id}"):
        if thumb := found.thumbnail(item):
            st.image(thumb, alt=f"Image {number}: {item.name}", width="stretch")
        else:
            st.button(
                "Preview",
                icon=":material/visibility:",
                key=f"{_KEY}.look.{item.id}",
                help="Fetch it once from the public internet, to see it and know its size",
                on_click=found.fetch_preview,
                args=(item,),
            )
        chosen = st.checkbox(
            escape_markdown(_short(item.name)),
            value=True,
            key=f"{_KEY}.send.{item.id}",
            persist_state="session",
        )
        st.caption(_facts(item.source))
        st.button(
            "Remove",
            icon=":material/close:",
            type="tertiary",
            key=f"{_KEY}.remove.{item.id}",
            help=f"Remove image {number}, {escape_markdown(item.name)}",
            on_click=found.remove,
            args=(item.id,),
        )
    return chosen


def _short(name: str, longest: int = 14) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _facts(source: ImageSource) -> str:
    if isinstance(source, RemoteImage) and source.file is None:
        return ":material/link: sent as its URL"
    picture = source if isinstance(source, ImageFile) else source.file
    assert picture
    size = len(picture.data)
    weight = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
    return f"{picture.width}×{picture.height} · {weight}"


def notices(found: Album) -> None:
    """Say what was refused, what was found in the metadata, and what was done to the files."""
    for name, refusal in found.errors:
        error_card(explain(refusal), icon=":material/block:", prefix=f"{escape_markdown(name)}:")
    if found.errors:
        st.button("Dismiss", type="tertiary", key=f"{_KEY}.dismiss", on_click=found.errors.clear)
    pictures = [item.file for item in found.images if item.file]
    _metadata(found, pictures)
    notes = [f"{escape_markdown(picture.name)}: {note}." for picture in pictures for note in picture.notes]
    if len(notes) <= _NOTES_AT_ONCE:
        _captions(notes)
        return
    with st.expander(f"What was done to the files ({len(notes)})", icon=":material/info:"):
        _captions(notes)


def _captions(notes: Iterable[str]) -> None:
    for note in notes:
        st.caption(note)


def _metadata(found: Album, pictures: Iterable[ImageFile]) -> None:
    telling = [picture for picture in pictures if picture.privacy_metadata]
    if not telling:
        return
    located = [escape_markdown(picture.name) for picture in telling if picture.has_location]
    told = sorted({name for picture in telling for name in picture.privacy_metadata})
    fate = "goes along" if found.keep_metadata else "is removed before anything is sent"
    if located:
        names = ", ".join(located[:3]) + (" …" if len(located) > 3 else "")
        st.warning(
            f"Location found in {names}: the file says where it was taken. "
            f"The metadata ({', '.join(told)}) {fate}.",
            icon=":material/location_on:",
        )
    else:
        st.caption(f"The metadata ({', '.join(told)}) {fate}.")
    kept = st.toggle(
        "Keep metadata", value=found.keep_metadata, key=f"{_KEY}.keep", help="The model never sees it."
    )
    if kept != found.keep_metadata:
        found.set_keep_metadata(kept)
        st.rerun()
