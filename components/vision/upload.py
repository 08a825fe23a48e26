"""Add images: from files, the clipboard, a URL, the camera, or the examples."""

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
from core.runs import event_loop
from core.vision.request import RemoteImage

_KEY = "vision.upload"
_WIDGET_NUMBER = f"{_KEY}.widget_number"
_SOURCE_ICONS = {
    "Files": ":material/upload_file:",
    "URL": ":material/link:",
    "Camera": ":material/photo_camera:",
    "Examples": ":material/photo_library:",
}


def add_images(album: Album) -> None:
    """Draw the controls of one source at a time; pasting works with all of them."""
    source = st.segmented_control(
        "Add images",
        list(_SOURCE_ICONS),
        default="Files",
        required=True,
        format_func=lambda name: f"{_SOURCE_ICONS[name]} {name}",
        key=f"{_KEY}.source",
        label_visibility="collapsed",
    )
    # One at a time: the camera asks for permission as soon as it is drawn.
    if source == "URL":
        _url_form(album)
    elif source == "Camera":
        photo = st.camera_input("Take a photo", key=f"{_KEY}.camera.{_widget_number()}")
        _add_files(album, [("photo.jpg", photo.getvalue())] if photo else [])
    elif source == "Examples":
        with st.container(horizontal=True):
            for path in sorted(EXAMPLES_DIR.glob("*.[pj][np]g")):
                key = f"{_KEY}.example.{path.stem}"
                st.button(path.name, key=key, on_click=add_example, args=(album, path.name))
    else:
        files = st.file_uploader(
            "PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF. Or paste with Ctrl+V.",
            accept_multiple_files=True,
            max_upload_size=MAX_BYTES // 1_000_000,
            key=f"{_KEY}.files.{_widget_number()}",
        )
        _add_files(album, [(file.name, file.getvalue()) for file in files or ()])
    _add_files(album, pasted_images(f"{_KEY}.paste"))


def _add_files(album: Album, files: Sequence[tuple[str, bytes]]) -> None:
    """Add *files* and rerun the page."""
    if not files:
        return
    album.errors.clear()
    with st.spinner(f"Reading {len(files)} image{'s' if len(files) > 1 else ''}"):
        for name, raw in files:
            album.add_file(raw, name)
    # A widget with a new key is empty, so that the files are not added again by the next run.
    session.set_widget_value(_WIDGET_NUMBER, _widget_number() + 1)
    select_newest(album)
    st.rerun()


def _widget_number() -> int:
    return int(session.widget_value(_WIDGET_NUMBER) or 0)


def _url_form(album: Album) -> None:
    with st.form(f"{_KEY}.url", border=False):
        url = st.text_input("URL of an image", placeholder="https://example.org/photo.jpg")
        with st.container(horizontal=True):
            send = st.form_submit_button("Send the URL", help="The API downloads the image, not this app.")
            fetch = st.form_submit_button(
                "Fetch a copy",
                help="This app downloads the image from the public internet and sends the file.",
            )
    try:
        if send:
            album.add_url(validate_url(url))
            select_newest(album)
            st.rerun()
        elif fetch:
            name = RemoteImage(validate_url(url)).name
            _add_files(album, [(name, event_loop.run_until_complete(fetch_image(url)))])
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")
