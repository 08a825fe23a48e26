"""Content that a click has opened further down the page, scrolled to where the user sees it."""

import json

import streamlit as st

from components.ui.scripts.component_loader import component_loader

_component = st.components.v2.component(
    "scroll", html="<span></span>", js=component_loader("ui/assets/scroll-into-view.js")
)


def scroll_into_view(container_key: str, item: str) -> None:
    """Scroll to the container with *container_key* whenever it has another *item*. Call it last inside it.

    The page stays where it is if enough of the container is visible, and with reruns for the same item.
    """
    data = {"container": f"st-key-{container_key}", "item": item}
    # Bytes, because for a dict Streamlit imports pandas to check whether it is a data frame.
    _component(key=f"{container_key}.scroll", height=1, data=json.dumps(data).encode())
