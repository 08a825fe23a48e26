"""Send many requests as one batch, and follow it until the results are beside their inputs."""

import streamlit as st

from components.batches.batch_list import batch_list, has_batches
from components.batches.detail import batch_detail, opened_record
from components.batches.files import files_section
from components.batches.new_batch.example import example_button
from components.batches.new_batch.new_batch import is_new_batch_open, new_batch_button, new_batch_panel
from components.shell.page_header import page_header

page_header("batches.py")
record = opened_record()
if record:
    batch_detail(record)
elif is_new_batch_open():
    new_batch_panel()
else:
    has_any = has_batches()
    with st.container(horizontal=has_any):
        new_batch_button()
        example_button(has_batches=has_any)
    batch_list(has_batches=has_any)
    files_section()
