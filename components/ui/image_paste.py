"""Images that are pasted anywhere on the page; Streamlit itself accepts them only in its chat input."""

import base64
import binascii
from contextlib import suppress

import streamlit as st

MAX_PASTED_IMAGES = 20

_SCRIPT = """
const encode = (file) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve({ name: file.name, data: String(reader.result).split(",")[1] ?? "" });
  reader.onerror = () => resolve(null);
  reader.readAsDataURL(file);
});

export default function ({ setTriggerValue }) {
  const handlePaste = async (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    const images = await Promise.all(files.slice(0, %d).map(encode));
    setTriggerValue("pasted", images.filter(Boolean));
  };
  document.addEventListener("paste", handlePaste);
  return () => document.removeEventListener("paste", handlePaste);
}
"""
_component = st.components.v2.component("paste", html="<span></span>", js=_SCRIPT % MAX_PASTED_IMAGES)


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
