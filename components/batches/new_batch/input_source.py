"""What the requests of a new batch are made from: a prompt template with rows, or a ready input file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar, get_args

import orjson
import streamlit as st

from components.batches.input_files import file_input
from components.batches.new_batch.input_options import Endpoint, template_options
from components.session import session
from components.session.capability_results import responses_problem
from components.session.panel_cache import PanelCache
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.batches.draft import BatchDraft
from core.batches.input.template import ChatTemplate, PromptTemplate
from core.batches.input.template_file import RowFile, Template
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.files.source_rows import LINE_COLUMN, RowSource, pasted_source
from core.paths import DATA

T = TypeVar("T")
SourceKind = Literal["Prompt template", "Input file"]
RowsKind = Literal["Paste", "File"]

# What a page that is loaded again restores.
SETTING_KEYS = (
    "batches.new.source",
    "batches.new.endpoint",
    "batches.new.rows",
    "batches.new.text",
    "batches.new.prompt",
    "batches.new.embedded",
    "batches.new.instructions",
    "batches.new.max_tokens",
    "batches.new.temperature",
    "batches.new.model",
    "batches.new.dimensions",
    "batches.new.ids",
    "batches.new.schema",
)
# The key of the prompt, and what is in it at first.
_PROMPT = ("batches.new.prompt", "Summarize in one sentence: {{line}}")
_EMBEDDED = ("batches.new.embedded", "{{line}}")
_EXAMPLE_ROWS = 3
_SAMPLED_ROWS = 5
_MAX_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class InputRequests:
    """The requests that the form describes. *problem* says why they are incomplete.

    Without a *template* they are those of an uploaded file, and *count* is not known.
    """

    template: Template | None = None
    rows: RowFile | str = ""
    source: RowSource | None = None
    count: int | None = None
    problem: str = ""


@dataclass(slots=True, eq=False)
class _Cache:
    """What has been read of the rows, which a rerun of the script does not read again."""

    panel: PanelCache = field(default_factory=PanelCache)


def input_source(draft: BatchDraft) -> InputRequests:
    """Draw the form and return what it describes."""
    kind: SourceKind = _choice("Source", get_args(SourceKind), "batches.new.source")
    if kind == "Input file":
        file_input(draft, "upload", "JSONL file with one request per line, for any endpoint of the Batch API")
        return InputRequests(problem=_file_problem(draft.upload))
    try:
        return _template_form(draft)
    except PlaygroundError as error:
        error_card(explain(error))
        return InputRequests(problem="Correct the error first.")


def suggested_title(draft: BatchDraft, requests: InputRequests) -> str:
    """Return the name of the uploaded file, or else the beginning of the prompt."""
    file = (
        requests.rows if isinstance(requests.rows, RowFile) else None if requests.template else draft.upload
    )
    if file:
        return Path(file.name).stem
    template = requests.template
    prompt = template.prompt.text if isinstance(template, ChatTemplate) else "Embeddings"
    # The text before the first column, which says what is asked.
    return " ".join(re.split(r"[{\n]", prompt)[0].split()).rstrip(" :") or "Requests"


def use_as_rows(draft: BatchDraft) -> None:
    """Use the uploaded table with a prompt template."""
    draft.rows, draft.upload = draft.upload, None
    session.set_widget_value("batches.new.source", "Prompt template")
    session.set_widget_value("batches.new.rows", "File")
    draft.edit()


def _use_as_requests(draft: BatchDraft) -> None:
    draft.rows, draft.upload = None, draft.rows
    session.set_widget_value("batches.new.source", "Input file")


def _template_form(draft: BatchDraft) -> InputRequests:
    """Draw rows, prompt and options. Raises PlaygroundError if rows or options are not valid."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        endpoint: Endpoint = _choice("Endpoint", get_args(Endpoint), "batches.new.endpoint")
        rows_kind: RowsKind = _choice("Rows", get_args(RowsKind), "batches.new.rows")
    rows = _rows_input(draft, rows_kind)
    if rows is None:
        return InputRequests(problem="Choose a file of rows.")
    cache = session.session_object(_Cache).panel
    source = cache.get_or_compute(
        "source", draft, rows, lambda: pasted_source(rows) if isinstance(rows, str) else rows.source()
    )
    count = cache.get_or_compute("count", draft, rows, source.count)
    if isinstance(rows, RowFile) and {"custom_id", "body"} <= {*source.columns}:
        st.info("The lines of this file are requests already.", icon=":material/info:")
        st.button("Use as input file", key="batches.new.ready", on_click=_use_as_requests, args=(draft,))
    prompt = _prompt_input(endpoint, source)
    template = template_options(endpoint, PromptTemplate(prompt), source.columns)
    return InputRequests(template, rows, source, count, _problem(template, prompt, source, count))


def _file_problem(file: RowFile | None) -> str:
    if file is None:
        return "Choose an input file."
    return "" if file.path.stat().st_size else "The file is empty."


def _problem(template: Template, prompt: str, source: RowSource, count: int) -> str:
    model = template.settings.model if isinstance(template, ChatTemplate) else template.model
    is_response = isinstance(template, ChatTemplate) and template.settings.api == "responses"
    if is_response and (problem := responses_problem()):
        return problem
    if not count:
        return "Add at least one row."
    if not prompt.strip():
        return "Enter a prompt."
    if missing := PromptTemplate(prompt).missing(source.columns):
        return f"There is no column {missing[0][:40]!r}."
    return "" if model else "Choose a model."


def _rows_input(draft: BatchDraft, kind: RowsKind) -> RowFile | str | None:
    if kind == "File":
        file_input(
            draft, "rows", "CSV file with a header, JSONL file of objects, or text with a row per line"
        )
        return draft.rows
    return st.text_area(
        "Rows, one per line",
        height=130,
        key=session.with_default("batches.new.text", "\n".join(_example_rows())),
        persist_state="session",
    )


def _example_rows() -> Sequence[str]:
    """Return some reviews, in Korean and in English."""
    lines = (DATA / "batch_example.jsonl").read_bytes().splitlines()[:_EXAMPLE_ROWS]
    return [orjson.loads(line)[language] for line in lines for language in ("ko", "en")]


def _prompt_input(endpoint: Endpoint, source: RowSource) -> str:
    key = session.with_default(*(_EMBEDDED if endpoint == "Embeddings" else _PROMPT))
    text = str(session.widget_value(key))
    if source.columns and PromptTemplate(text).missing(source.columns) == [LINE_COLUMN]:
        # The prompt for pasted rows: of a table it gets the column with the longest texts.
        rows = source.preview(_SAMPLED_ROWS)
        column = max(source.columns, key=lambda name: sum(len(row[name]) for row in rows))
        session.set_widget_value(key, text.replace(f"{{{{{LINE_COLUMN}}}}}", f"{{{{{column}}}}}"))
    prompt: str = st.text_area(
        "Text to embed" if endpoint == "Embeddings" else "Prompt",
        height=90,
        key=key,
        persist_state="session",
    )
    names = " ".join(f"{{{{{name}}}}}" for name in source.columns[:_MAX_COLUMNS])
    st.caption(f"Columns: {escape_markdown(names)}")
    return prompt


def _choice(label: str, options: Sequence[T], key: str) -> T:
    """Draw a choice, at first the first of *options*."""
    key = session.with_default(key, options[0])
    chosen = st.segmented_control(label, options, required=True, key=key, persist_state="session")
    return chosen or options[0]
