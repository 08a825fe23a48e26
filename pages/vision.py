"""Ask about images: how the model sees them, what they cost, and its answers."""

import streamlit as st

from components.session import session
from components.shell.page_header import page_header
from components.ui.stream_toggle import stream_toggle
from components.vision import images, opened_run, preview, thread, upload
from components.vision.settings import request_settings

toolbar = page_header("vision.py")
model = session.model() or ""
album = images.get_album()
opened_run.open_run_in_url(album)
# The style places the question beside the images, so that its answer is in view without scrolling.
with st.container(key="vision.layout"):
    image_area, question_area, preview_area = (st.container() for _ in range(3))
with image_area:
    upload.add_images(album)
    images.notices(album)
    selected = images.thumbnails(album)
with preview_area:
    options = preview.send_options(selected, model)
    preview.image_preview(album, selected, model, options)
with toolbar:
    settings = request_settings(model, stream_toggle())
    thread.code_button(selected, options, settings)
with question_area:
    preview.warn_if_no_image_support(model)
    thread.question_form(selected, options, settings)
    thread.answers(settings)
