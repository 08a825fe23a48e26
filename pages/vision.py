"""Show images to a model: what it sees of them, what that costs, and what it says."""

import streamlit as st

from components.chat.parameters import stream_toggle
from components.session import session
from components.shell.page_header import heading
from components.vision import images, preview, thread, upload

toolbar = heading("vision.py")
model = session.model() or ""
album = images.album()
add, look = st.columns(2, gap="large")
with add:
    upload.add_images(album)
    images.told(album)
    items = images.strip(album)
with look:
    sending = preview.how_to_send(items, model)
    preview.sight(album, items, model, sending)
with toolbar:
    stream = stream_toggle()
    thread.code_button(items, model, sending, stream)

preview.warn_if_blind(model)
thread.question(items, model, sending, stream)
thread.answers()
