"""Show images to a model: what it sees of them, what that costs, and what it says."""

import streamlit as st

from components import session, vision_add, vision_album, vision_ask, vision_sight
from components.chat_controls import stream_toggle
from components.page import heading

toolbar = heading("vision.py")
model = session.model() or ""
album = vision_album.album()
add, look = st.columns(2, gap="large")
with add:
    vision_add.add_images(album)
    vision_album.told(album)
    items = vision_album.strip(album)
with look:
    sending = vision_sight.how_to_send(items, model)
    vision_sight.sight(album, items, model, sending)
with toolbar:
    stream = stream_toggle()
    vision_ask.code_button(items, model, sending, stream)

vision_sight.warn_if_blind(model)
vision_ask.question(items, model, sending, stream)
vision_ask.answers()
