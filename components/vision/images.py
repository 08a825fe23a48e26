"""The images of the Vision page: those that were added, and which of them go along."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import uuid4

import streamlit as st

from components.session import session
from components.ui.error_card import problem
from components.ui.markdown_escape import plain
from core.errors.types import PlaygroundError, explain
from core.images import overlay
from core.images.fetch import fetch
from core.images.image import Picture, accept
from core.images.tokens import Seen
from core.paths import DATA
from core.vision.request import Linked, Source

EXAMPLES = DATA / "pictures"
MOST = 50
MOST_BYTES = 200_000_000  # of the server's memory, for each session
_KEY = "vision.album"
_MOST_DRAWN = 60
_NOTES_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Item:
    """An image of the album. *raw* is the file as it came, kept where its metadata may yet be wanted."""

    source: Source
    raw: bytes = b""
    id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def name(self) -> str:
        return self.source.name or "image"

    @property
    def picture(self) -> Picture | None:
        return self.source if isinstance(self.source, Picture) else self.source.picture


@dataclass(slots=True, eq=False)
class Album:
    """What a session has added; *problems* are the names of what was not taken, with the reason."""

    items: list[Item] = field(default_factory=list)
    problems: list[tuple[str, PlaygroundError]] = field(default_factory=list)
    keep_metadata: bool = False
    drawn: dict[tuple[str, Seen], bytes] = field(default_factory=dict)

    def add(self, raw: bytes, name: str) -> None:
        """Take a file, or remember why not."""
        try:
            self._refuse_too_many()
            picture = accept(raw, name, self.keep_metadata)
        except PlaygroundError as refusal:
            self.problems.append((name, refusal))
            return
        self.items.append(Item(picture, raw if picture.revealing else b""))

    def _refuse_too_many(self) -> None:
        if len(self.items) >= MOST:
            raise PlaygroundError(f"There are {MOST} images already", "Remove some, then add more.")
        held = sum(len(item.raw) + len(item.picture.data) for item in self.items if item.picture)
        if held > MOST_BYTES:
            raise PlaygroundError(
                f"The images take more than {MOST_BYTES // 1_000_000} MB", "Remove some, then add more."
            )

    def link(self, url: str) -> None:
        """Add an image that is sent as its URL. Raises PlaygroundError when there are too many."""
        self._refuse_too_many()
        self.items.append(Item(Linked(url)))

    def look_up(self, item: Item) -> None:
        """Fetch what the URL of *item* leads to, only to show it: the URL is what is sent."""
        assert isinstance(item.source, Linked)
        try:
            raw = session.run_async(fetch(item.source.url))
            self.change(item, replace(item.source, picture=accept(raw, item.name)))
        except PlaygroundError as refusal:
            self.problems.append((item.name, refusal))

    def change(self, item: Item, source: Source) -> None:
        """Put *source* in the place of *item*'s."""
        self.items = [replace(one, source=source) if one.id == item.id else one for one in self.items]

    def remove(self, item_id: str) -> None:
        self.items = [item for item in self.items if item.id != item_id]

    def apply_metadata(self, keep: bool) -> None:
        """Encode anew what has metadata, with or without them."""
        self.keep_metadata = keep
        for item in [item for item in self.items if item.raw]:
            try:
                self.change(item, accept(item.raw, item.name, keep))
            except PlaygroundError as refusal:
                self.problems.append((item.name, refusal))

    def drawing(self, item: Item, seen: Seen) -> bytes | None:
        """The picture of *item* as *seen*, drawn once."""
        if item.picture is None:
            return None
        key = (f"{item.id}{item.picture.kept_metadata}", seen)
        if key not in self.drawn:
            while len(self.drawn) >= _MOST_DRAWN:
                self.drawn.pop(next(iter(self.drawn)))
            self.drawn[key] = overlay.draw(item.picture, seen)
        return self.drawn[key]

    def thumbnail(self, item: Item) -> bytes | None:
        if item.picture is None:
            return None
        key = (item.id, Seen(0, 0, 0, 0, 0, 0))
        if key not in self.drawn:
            self.drawn[key] = overlay.thumbnail(item.picture)
        return self.drawn[key]


def album() -> Album:
    """This session's album; the first time it holds an example, so that the first click succeeds."""
    found = session.remembered(Album)
    if not session.value(f"{_KEY}.begun"):
        session.set_value(f"{_KEY}.begun", True)
        add_example(found, "chart.png")
    return found


def add_example(found: Album, name: str) -> None:
    found.add((EXAMPLES / name).read_bytes(), name)


def strip(found: Album) -> list[Item]:
    """Draw the images, and return those that are ticked."""
    if not found.items:
        st.info("No image yet. Upload, paste or photograph one, or take an example.", icon=":material/image:")
        return []
    with st.container(horizontal=True, gap="small", key=f"{_KEY}.strip"):
        return [item for number, item in enumerate(found.items, 1) if _tile(found, item, number)]


def _tile(found: Album, item: Item, number: int) -> bool:
    with st.container(width=148, border=True, gap="xxsmall", key=f"{_KEY}.tile.{item.id}"):
        if thumb := found.thumbnail(item):
            st.image(thumb, alt=f"Image {number}: {item.name}", width="stretch")
        else:
            st.button(
                "Preview",
                icon=":material/visibility:",
                key=f"{_KEY}.look.{item.id}",
                help="Fetch it once from the public internet, to see it and know its size",
                on_click=found.look_up,
                args=(item,),
            )
        chosen = st.checkbox(
            plain(_short(item.name)), value=True, key=f"{_KEY}.send.{item.id}", persist_state="session"
        )
        st.caption(_facts(item.source))
        st.button(
            "Remove",
            icon=":material/close:",
            type="tertiary",
            key=f"{_KEY}.remove.{item.id}",
            help=f"Remove image {number}, {plain(item.name)}",
            on_click=found.remove,
            args=(item.id,),
        )
    return chosen


def _short(name: str, longest: int = 14) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _facts(source: Source) -> str:
    if isinstance(source, Linked) and source.picture is None:
        return ":material/link: sent as its URL"
    picture = source if isinstance(source, Picture) else source.picture
    assert picture
    size = len(picture.data)
    weight = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
    return f"{picture.width}×{picture.height} · {weight}"


def told(found: Album) -> None:
    """Say what was refused, what was found in the metadata, and what was done to the files."""
    for name, refusal in found.problems:
        problem(explain(refusal), icon=":material/block:", before=f"{plain(name)}:")
    if found.problems:
        st.button("Dismiss", type="tertiary", key=f"{_KEY}.dismiss", on_click=found.problems.clear)
    pictures = [item.picture for item in found.items if item.picture]
    _metadata(found, pictures)
    notes = [f"{plain(picture.name)}: {note}." for picture in pictures for note in picture.notes]
    if len(notes) <= _NOTES_AT_ONCE:
        _captions(notes)
        return
    with st.expander(f"What was done to the files ({len(notes)})", icon=":material/info:"):
        _captions(notes)


def _captions(notes: Iterable[str]) -> None:
    for note in notes:
        st.caption(note)


def _metadata(found: Album, pictures: Iterable[Picture]) -> None:
    telling = [picture for picture in pictures if picture.revealing]
    if not telling:
        return
    located = [plain(picture.name) for picture in telling if picture.located]
    told = sorted({name for picture in telling for name in picture.revealing})
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
        found.apply_metadata(kept)
        st.rerun()
