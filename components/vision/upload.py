"""The ways to add an image: file, paste, URL, camera, example."""

from collections.abc import Sequence

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from components.ui.image_paste import pasted_images
from components.vision.images import EXAMPLES_DIR, Album, add_example
from components.vision.preview import select_newest
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.images.fetch import fetch_image, validate_url
from core.images.image import MAX_BYTES
from core.vision.request import RemoteImage

_KEY = "vision.add"
_ROUND = f"{_KEY}.round"
_WAYS = {
    "Files": ":material/upload_file:",
    "URL": ":material/link:",
    "Camera": ":material/photo_camera:",
    "Examples": ":material/photo_library:",
}


def add_images(found: Album) -> None:
    """Draw one way to add images at a time; pasting works in all of them."""
    way = st.segmented_control(
        "Add images",
        list(_WAYS),
        default="Files",
        required=True,
        format_func=lambda name: f"{_WAYS[name]} {name}",
        key=f"{_KEY}.way",
        label_visibility="collapsed",
    )
    {"Files": _files, "URL": _url, "Camera": _camera, "Examples": _examples}[way or "Files"](found)
    _take(found, pasted_images(f"{_KEY}.paste"))


def _take(found: Album, files: Sequence[tuple[str, bytes]]) -> None:
    """Add *files*, then draw the page anew with the widgets they came from empty."""
    if not files:
        return
    found.errors.clear()
    with st.spinner(f"Reading {len(files)} image{'s' if len(files) > 1 else ''}"):
        for name, raw in files:
            found.add_file(raw, name)
    session.set_widget_value(_ROUND, _round() + 1)
    select_newest(found)
    st.rerun()


def _round() -> int:
    return int(session.widget_value(_ROUND) or 0)


def _files(found: Album) -> None:
    files = st.file_uploader(
        "PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF. Or paste with Ctrl+V.",
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 1_000_000,
        key=f"{_KEY}.files.{_round()}",
    )
    _take(found, [(file.name, file.getvalue()) for file in files or ()])


def _camera(found: Album) -> None:
    shot = st.camera_input("Take a photo", key=f"{_KEY}.camera.{_round()}")
    _take(found, [("photo.jpg", shot.getvalue())] if shot else [])


def _examples(found: Album) -> None:
    with st.container(horizontal=True):
        for path in sorted(EXAMPLES_DIR.glob("*.[pj][np]g")):
            st.button(
                path.name, key=f"{_KEY}.example.{path.stem}", on_click=add_example, args=(found, path.name)
            )


def _url(found: Album) -> None:
    with st.form(f"{_KEY}.url", border=False):
        url = st.text_input("URL of an image", placeholder="https://example.org/photo.jpg")
        with st.container(horizontal=True):
            send = st.form_submit_button("Send the URL", help="The API fetches it; this app does not.")
            copy = st.form_submit_button(
                "Fetch a copy",
                help="This app fetches the image from the public internet, and sends the file.",
            )
    try:
        if send:
            _link(found, validate_url(url))
        elif copy:
            name = RemoteImage(validate_url(url)).name
            _take(found, [(name, session.run_async(fetch_image(url)))])
    except PlaygroundError as refusal:
        error_card(explain(refusal), icon=":material/block:")


def _link(found: Album, url: str) -> None:
    found.add_url(url)
    select_newest(found)
    st.rerun()
