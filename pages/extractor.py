"""Extract an object from a text: define its schema in three views, and compare the ways to request it."""

import streamlit as st

from components.extractor.request_form import request_form
from components.extractor.results import results
from components.extractor.schema_views import infer_from_sample, preset_choice, schema_name, schema_views
from components.extractor.strict_doctor import strict_doctor
from components.shell.page_header import page_header
from components.ui.stream_toggle import stream_toggle

with page_header("extractor.py"):
    stream = stream_toggle()
preset_choice()
schema, extraction = st.columns(2, gap="large")
with schema:
    schema_views()
    strict_doctor()
    with st.expander("Name, and schema from a sample", icon=":material/more_horiz:"):
        schema_name()
        infer_from_sample()
with extraction:
    request_form(stream)
    results()
