"""Show images to a model: what it sees of them, what that costs, and what it says."""

import streamlit as st

from components.chat.parameters import stream_toggle
from components.session import session
from components.shell.page_header import page_header
from components.vision import images, preview, thread, upload

toolbar = page_header("vision.py")
model = session.model() or ""
album = images.get_album()
add, look = st.columns(2, gap="large")
with add:
    upload.add_images(album)
    images.notices(album)
    items = images.thumbnails(album)
with look:
    sending = preview.send_options(items, model)
    preview.image_preview(album, items, model, sending)
with toolbar:
    stream = stream_toggle()
    thread.code_button(items, model, sending, stream)

preview.warn_if_no_image_support(model)
thread.question_form(items, model, sending, stream)
thread.answers()
