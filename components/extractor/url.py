"""The extractions in the URL, which a page that is loaded again shows again, also while they run."""

import streamlit as st

from components.extractor.repositories import extraction_repository
from components.extractor.session import (
    METHOD_KEY,
    TEXT_KEY,
    ExtractionAttempt,
    ExtractorSession,
    extractor_session,
)
from components.session import repositories, session
from core.extractor.request import API
from core.json_schema.schema import SchemaDocument

_SCHEMA, _RUNS = "schema", "runs"
_MAX_RUNS = 40


def extractions_in_url() -> None:
    """Open the extractions in the URL in a new session; then write those of the session into the URL."""
    state = extractor_session()
    if not state.is_restored:
        state.is_restored = True
        digest = str(st.query_params.get(_SCHEMA, ""))
        document = extraction_repository().schema(digest) if digest else None
        if document:
            state.replace(document)
            _restore(state, document, str(st.query_params.get(_RUNS, "")).split(".")[:_MAX_RUNS])
    parameters = {}
    if state.attempts:
        run_ids = [attempt.run_id for attempt in state.attempts]
        digest = state.attempts[0].extraction.document.digest
        parameters = {_SCHEMA: digest, _RUNS: ".".join(run_ids)}
    for name in (_SCHEMA, _RUNS):
        if name not in parameters:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != parameters[name]:
            st.query_params[name] = parameters[name]


def _restore(state: ExtractorSession, document: SchemaDocument, run_ids: list[str]) -> None:
    by_id, calls = repositories.run_repository().get_many(run_ids), session.live_session().calls
    runs = [
        by_id[run_id] for run_id in run_ids if run_id in by_id and by_id[run_id].capability == "extractor"
    ]
    extractions = [API.extraction(run, document) for run in runs]
    numbers: dict[str, int] = {}
    for run, extraction in zip(runs, extractions, strict=True):
        model = str(run.params.get("model", ""))
        numbers[model] = numbers.get(model, 0) + 1
        is_repetition = len(runs) > 1 and len({item.method for item in extractions}) == 1
        label = f"{model} #{numbers[model]}" if is_repetition else extraction.method
        state.attempts.append(ExtractionAttempt(label, extraction, run.id))
        if job := calls.job(run.id):
            # It would be stopped soon: the session that started it is closed.
            job.session_tokens.add(calls.session_token)
    if extractions:
        session.set_widget_value(TEXT_KEY, extractions[0].text)
        session.set_widget_value(METHOD_KEY, extractions[0].method)
