"""The component that shows a text as tokens while it is typed."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from components import session
from components.token_sheet import Sheet

_ASSETS = Path(__file__).parent / "assets"

# As with the live component: the browser caches the scripts, and no rerun sends them again.
_LOADER = """
export default function (component) {
  let unmount = () => {};
  let gone = false;
  import(new URL("live/tokenview/tokenview.js?v=%s", document.baseURI)).then((view) => {
    if (!gone) unmount = view.mount(component);
  });
  return () => {
    gone = true;
    unmount();
  };
}
"""


@cache
def _fingerprint() -> str:
    contents = b"".join(path.read_bytes() for path in sorted(_ASSETS.glob("*.*")))
    return hashlib.sha256(contents).hexdigest()[:12]


_component = st.components.v2.component(
    "tokenview", html="<div></div>", js=_LOADER % _fingerprint(), css=None
)


def token_view(sheet: Sheet, label: str) -> None:
    """Draw what is on the sheet; the page runs again when typing pauses."""
    data = {
        "token": session.desk().token,
        "kind": sheet.kind,
        "version": sheet.version,
        "choice": repr(sheet.choice),
        "label": label,
        "editable": sheet.kind != "file",
    }
    _mount(data)


def _mount(data: dict[str, Any]) -> None:
    # Bytes, because a dict would make Streamlit import pandas to see whether it is a data frame.
    _component(key="tokenview", data=json.dumps(data).encode(), on_changed_change=_noted)


def _noted() -> None:
    """The text itself is on the sheet already."""
