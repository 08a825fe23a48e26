"""A run that History opens here: its text and schema, and what was extracted."""

from components.extractor.session import (
    API_KEY,
    INPUT_KEY,
    METHOD_KEY,
    TEXT_KEY,
    ExtractionAttempt,
    ExtractorSession,
)
from components.session import session
from components.session.opened_run import take_opened_run
from core.apis import api_of
from core.extractor.request import read_request
from core.extractor.sent_schema import sent_schema


def open_run_in_url(state: ExtractorSession) -> None:
    """Show the run in the URL instead of what *state* shows. Call it before the widgets are drawn."""
    run = take_opened_run("extractor", "extractor-consistency", "extractor.batch")
    document = sent_schema(run) if run else None
    if run is None or document is None:
        return
    state.clear()
    state.replace(document)
    state.save_schema()
    extraction = read_request(run, document)
    state.attempts.append(ExtractionAttempt(extraction.method, extraction, run.id))
    session.set_widget_value(INPUT_KEY, "One text")
    session.set_widget_value(TEXT_KEY, extraction.text)
    session.set_widget_value(METHOD_KEY, extraction.method)
    session.set_widget_value(API_KEY, api_of(run.endpoint).name)
