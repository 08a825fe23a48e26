"""The example of a batch, which one click makes, submits and opens."""

import time
from dataclasses import dataclass, replace
from uuid import uuid4

import streamlit as st

from components.batches.polling import batch_polling
from components.batches.repositories import batch_folder, batch_repository, server_address
from components.batches.run_now import start_run_now
from components.batches.submission import start_submission
from components.batches.url import open_batch
from components.session import session

# Seconds in which another click is the second one of a double click.
_DOUBLE_CLICK = 2.0


@dataclass(slots=True)
class _LastExample:
    submitted_at: float = float("-inf")


def example_button(*, has_batches: bool) -> None:
    """Draw the button that submits the example; in a card that describes it if there are no batches yet."""
    if has_batches:
        _submit_button(is_small=True)
        return
    with st.container(border=True, key="batches-example"):
        st.markdown("**100 requests from one template, in Korean and English**")
        st.caption(
            "Summaries of customer reviews. One click makes, uploads and submits the input file. "
            "On the sandbox the results are there in less than a minute."
            if batch_polling().has_batch_api
            else "Summaries of customer reviews. One click makes the requests, several at once."
        )
        _submit_button(is_small=False)


def _submit_button(*, is_small: bool) -> None:
    st.button(
        "Submit example" if batch_polling().has_batch_api else "Run example",
        icon=":material/bolt:",
        type="tertiary" if is_small else "secondary",
        key="batches.example",
        disabled=not session.model(),
        help="100 requests from one template, in Korean and English" if is_small else None,
        on_click=_submit,
    )


def _submit() -> None:
    from core.batches.batch import prepare_batch
    from core.batches.input.example import example_input
    from core.batches.input.request_line import write_lines

    # The sidebar may have another model than when the button was drawn: it is a fragment.
    last, model = session.session_object(_LastExample), session.model()
    if model is None or time.monotonic() - last.submitted_at < _DOUBLE_CLICK:
        return
    last.submitted_at = time.monotonic()
    titles = {record.title for record in batch_repository().list(server_address())}
    example, batch_id = example_input(model, titles), uuid4().hex
    written = write_lines(batch_folder(batch_id).input_file, example.lines())
    record = prepare_batch(written, session.profile().id, server_address(), example.title, "template")
    record = replace(record, id=batch_id)
    if batch_polling().has_batch_api:
        start_submission([record])
    else:
        batch_repository().save(record)
        start_run_now(record)
    open_batch(record.id)
