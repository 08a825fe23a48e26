"""Make a batch: the requests and their preview, then the check and the submission."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from components.batches.new_batch.check_report import check_report
from components.batches.new_batch.input_preview import input_preview
from components.batches.new_batch.input_source import (
    SETTING_KEYS,
    InputRequests,
    input_source,
    suggested_title,
)
from components.batches.new_batch.new_batch_submit import submit_panel
from components.session import session
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from core.paths import data_directory

if TYPE_CHECKING:
    from core.batches.draft import BatchDraft, BatchDrafts

_PARAMETER = "new"


@dataclass(slots=True, eq=False)
class _NewBatch:
    """The draft of this browser session, which is shown while it is in the URL."""

    draft: "BatchDraft | None" = None

    def show(self) -> None:
        if self.draft is None or self.draft.is_submitted or drafts().get(self.draft.id) is None:
            self.draft = drafts().create()
        st.query_params[_PARAMETER] = self.draft.id

    def hide(self) -> None:
        st.query_params.pop(_PARAMETER, None)

    def finish(self) -> None:
        """Close the panel after its batch was submitted."""
        if self.draft:
            drafts().discard(self.draft)
        self.draft = None
        self.hide()

    def start_over(self) -> None:
        if self.draft:
            drafts().discard(self.draft)
        self.draft = None
        for key in SETTING_KEYS:
            session.set_widget_value(key, None)
        self.show()


@cache
def drafts() -> "BatchDrafts":
    """Return the drafts of this process."""
    from core.batches.draft import BatchDrafts

    return BatchDrafts(data_directory())


def new_batch_button() -> None:
    """Draw the button that opens the draft of this session, or a new one."""
    new_batch = session.session_object(_NewBatch)
    st.button("New batch", icon=":material/add:", type="primary", key="batches.new", on_click=new_batch.show)


def is_new_batch_open() -> bool:
    """Whether to draw `new_batch_panel`, also after the page was loaded again or the browser went back."""
    new_batch = session.session_object(_NewBatch)
    draft_id = str(st.query_params.get(_PARAMETER, ""))
    if not draft_id:
        return False
    draft = drafts().get(draft_id)
    if draft is None or draft.is_submitted:
        new_batch.hide()
        # Another tab may show the same draft.
        text = "These requests were submitted, or are no longer here. Submitted ones are in the list."
        st.toast(text, icon=":material/info:", duration="long")
        return False
    if new_batch.draft is not draft:
        new_batch.draft = draft
        for key, value in draft.settings.items():
            session.set_widget_value(key, value)
    return True


def new_batch_panel() -> None:
    """Draw the requests and their preview, or their check and what to do with them."""
    new_batch = session.session_object(_NewBatch)
    draft = new_batch.draft
    assert draft
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header("New batch", anchor=False, width="content")
        with st.container(horizontal=True, gap="xsmall", width="content"):
            if draft.task:
                icon, key = ":material/edit:", "batches.new.edit"
                st.button("Edit requests", icon=icon, type="tertiary", key=key, on_click=draft.edit)
            st.button("Start over", type="tertiary", key="batches.new.reset", on_click=new_batch.start_over)
            st.button("All batches", icon=":material/list:", key="batches.new.close", on_click=new_batch.hide)
    if draft.task:
        if report := check_report(draft):
            submit_panel(draft, report, new_batch.finish)
        return
    form, preview = st.columns(2, gap="large")
    with form:
        requests = input_source(draft)
        draft.settings = {key: session.widget_value(key) for key in SETTING_KEYS}
        _check_button(draft, requests)
    with preview:
        input_preview(draft, requests)


def _check_button(draft: "BatchDraft", requests: InputRequests) -> None:
    # Not a callback, which would get the requests as they were before an edit that the click ends.
    if st.button(
        f"Check {format_count(requests.count, 'request')}" if requests.count else "Check",
        icon=":material/fact_check:",
        type="primary",
        key="batches.new.check",
        disabled=bool(requests.problem),
    ):
        draft.title = suggested_title(draft, requests)
        if requests.template:
            draft.check_template(requests.template, requests.rows)
        else:
            draft.check_upload()
        st.rerun()
    if requests.problem:
        st.caption(escape_markdown(requests.problem))
