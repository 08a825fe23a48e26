"""Images that are pasted anywhere on the page; Streamlit itself accepts them only in its chat input."""

import base64
import binascii
from contextlib import suppress

import streamlit as st

from components.ui.scripts.component_loader import component_loader

MAX_PASTED_IMAGES = 20

_component = st.components.v2.component(
    "paste", html="<span></span>", js=component_loader("ui/assets/image-paste.js")
)


def pasted_images(key: str) -> list[tuple[str, bytes]]:
    """Return the name and the bytes of the images that were pasted since the last run."""
    # Streamlit clears a trigger's value after one run, and only keeps it at all if there is a callback.
    pasted = _component(key=key, height=1, on_pasted_change=lambda: None).get("pasted")
    images: list[tuple[str, bytes]] = []
    for item in (pasted or ())[:MAX_PASTED_IMAGES]:
        # The item comes from the browser: it may be anything.
        with suppress(KeyError, TypeError, binascii.Error):
            images.append((str(item["name"])[:200], base64.b64decode(item["data"], validate=True)))
    return images
