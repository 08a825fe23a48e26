"""Extract objects from texts: define their schema in three views, and compare the ways to request it."""

import streamlit as st

from components.extractor.batch import batch_jobs
from components.extractor.consistency import unfinished_repetitions
from components.extractor.document_jobs import job_status
from components.extractor.documents import document_input
from components.extractor.request_form import input_kind, request_options, request_settings, text_form
from components.extractor.results import comparison, results
from components.extractor.rows import rows_panel, saved_rows
from components.extractor.saved_schemas import saved_schemas
from components.extractor.schema_sources import generate_from_description, infer_from_sample, schema_name
from components.extractor.schema_views import preset_choice, schema_views
from components.extractor.session import extractor_session
from components.extractor.strict_doctor import strict_doctor
from components.extractor.url import session_in_url
from components.shell.page_header import page_header
from components.ui.stream_toggle import stream_toggle

session_in_url()
with page_header("extractor.py"):
    stream = stream_toggle()
    settings = request_settings()
# style.css arranges the three parts: on a phone, the text and what was extracted are above the schema.
with st.container(key="extractor-layout"):
    with st.container(key="extractor-extraction"):
        kind = input_kind()
        options = request_options(stream, settings)
        if kind == "One text":
            hint = text_form(options)
            results(hint)
        else:
            document_input(options)
        job_status()
        batch_jobs()
        unfinished_repetitions()
    with st.container(key="extractor-comparison"):
        if kind == "One text":
            comparison()
    with st.container(key="extractor-schema"):
        preset_choice()
        schema_views()
        saved_schemas()
        strict_doctor()
        with st.expander("Name, sample and description", icon=":material/more_horiz:"):
            schema_name()
            infer_from_sample()
            generate_from_description()
if kind == "Documents" or extractor_session().attempts:
    rows_panel()
else:
    saved_rows()
