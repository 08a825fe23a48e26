"""The draft and the extractions in the URL, which a page that is loaded again shows again.

Extractions are in the database, and shown also while they run; a draft is in the memory of this process.
"""

from contextlib import suppress

import streamlit as st

from components.extractor.document_jobs import own_job_id, restore_own_job
from components.extractor.drafts import OpenExtractorDraft, read_draft, restore_draft
from components.extractor.opened_run import open_run_in_url
from components.extractor.repositories import extraction_repository, job_repository
from components.extractor.session import (
    API_KEY,
    METHOD_KEY,
    TEXT_KEY,
    ExtractionAttempt,
    ExtractorSession,
    extractor_session,
)
from components.session import repositories, session
from core.apis import api_of
from core.errors.types import NotFound
from core.extractor.jobs.consistency_job import CAPABILITY, MAX_MODELS
from core.extractor.request import read_request
from core.json_schema.schema import SchemaDocument

_DRAFT, _SCHEMA, _RUNS, _JOBS, _DOCUMENTS = "draft", "schema", "runs", "jobs", "documents"
_MAX_IDS = MAX_MODELS


def session_in_url() -> None:
    """Open what the URL names in a new session; then write what this session shows into the URL."""
    state, draft = extractor_session(), session.session_object(OpenExtractorDraft)
    if draft.is_opened:
        draft.save(read_draft(state))
    else:
        _open(state, draft)
    open_run_in_url(state)
    runs = [] if state.jobs else [attempt.run_id for attempt in state.attempts]
    jobs = [job.id for job in state.jobs]
    parameters = {
        _DRAFT: draft.id,
        _SCHEMA: state.saved_digest,
        _RUNS: ".".join(runs),
        _JOBS: ".".join(jobs),
        _DOCUMENTS: own_job_id(),
    }
    others = {name: value for name, value in st.query_params.items() if name not in parameters}
    wanted = {**others, **{name: value for name, value in parameters.items() if value}}
    # Each change is an entry in the browser's history.
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def _open(state: ExtractorSession, draft: OpenExtractorDraft) -> None:
    draft_id, digest = str(st.query_params.get(_DRAFT, "")), str(st.query_params.get(_SCHEMA, ""))
    document = extraction_repository().schema(digest) if digest else None
    if document:
        state.replace(document)
        state.saved_digest = digest
        _restore_attempts(state, document, _ids(_RUNS))
        for job_id in _ids(_JOBS):
            with suppress(NotFound):
                job = job_repository().get(job_id)
                # Anybody can write an id into the URL.
                if job.capability == CAPABILITY:
                    state.jobs.append(job)
        if state.jobs:
            state.refresh_repetitions()
    restore_own_job(str(st.query_params.get(_DOCUMENTS, "")))
    if saved := draft.open(draft_id):
        restore_draft(state, saved)
    elif state.attempts:
        extraction = state.attempts[0].extraction
        if run := state.runs().get(state.attempts[0].run_id):
            session.set_widget_value(API_KEY, api_of(run.endpoint).name)
        session.set_widget_value(TEXT_KEY, extraction.text)
        session.set_widget_value(METHOD_KEY, extraction.method)


def _ids(parameter: str) -> list[str]:
    return str(st.query_params.get(parameter, "")).split(".")[:_MAX_IDS]


def _restore_attempts(state: ExtractorSession, document: SchemaDocument, run_ids: list[str]) -> None:
    by_id, calls = repositories.run_repository().get_many(run_ids), session.live_session().calls
    runs = [
        by_id[run_id] for run_id in run_ids if run_id in by_id and by_id[run_id].capability == "extractor"
    ]
    extractions = [read_request(run, document) for run in runs]
    for run, extraction in zip(runs, extractions, strict=True):
        state.attempts.append(ExtractionAttempt(extraction.method, extraction, run.id))
        if job := calls.job(run.id):
            # It would be stopped soon: the session that started it is closed.
            job.session_tokens.add(calls.session_token)
