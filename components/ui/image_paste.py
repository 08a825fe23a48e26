"""Images pasted anywhere on the page, which Streamlit itself takes only in its chat input."""

import base64
import binascii
from typing import Any

import streamlit as st

MAX_IMAGES = 20

_SCRIPT = """
const encode = (file) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve({ name: file.name, data: String(reader.result).split(",")[1] ?? "" });
  reader.onerror = () => resolve(null);
  reader.readAsDataURL(file);
});

export default function ({ setTriggerValue }) {
  const take = async (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    const read = await Promise.all(files.slice(0, %d).map(encode));
    setTriggerValue("pasted", read.filter(Boolean));
  };
  document.addEventListener("paste", take);
  return () => document.removeEventListener("paste", take);
}
"""
_component = st.components.v2.component("paste", html="<span></span>", js=_SCRIPT % MAX_IMAGES)


def pasted_images(key: str) -> list[tuple[str, bytes]]:
    """Return the name and the bytes of the images that were pasted just now."""
    found = _component(key=key, height=1, on_pasted_change=_noted).get("pasted")
    return [file for item in (found or ())[:MAX_IMAGES] if (file := _decoded(item))]


def _decoded(item: Any) -> tuple[str, bytes] | None:
    try:
        return str(item["name"])[:200], base64.b64decode(item["data"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        return None


def _noted() -> None:
    """The trigger's value is read where the component is drawn."""
