"""The input of the Tokens page: what is counted, and in which encoding."""

import json

import streamlit as st

from components.session import repositories, session
from components.session.token_session import AnalysisError, TokenSession
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.apis import APIS
from core.conversations.messages import api_messages, non_empty
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.files.text import EXTENSIONS, read_text
from core.generation.api_name import ApiName
from core.token_analysis.analysis import EncodingOptions, InputKind, TokenAnalysis, encoding_options
from core.token_analysis.request_parser import ParsedRequest, convert_request
from core.tokens.encodings import ENCODINGS, encoding_for_model
from core.tokens.tokenizer import MAX_TEXT_BYTES

_KIND_LABELS: dict[InputKind, str] = {
    "text": "Text",
    "request": "Request",
    "file": "File",
    "ids": "Token IDs",
}
INPUT_LABELS: dict[InputKind, str] = {
    "text": "Text to count",
    "request": "Messages or input items, tools, a schema or a whole request as JSON",
    "ids": "Token IDs to decode, separated by commas or spaces",
    "file": "",
}
_API_KEY = "tokens.api"
_NO_COMPARISON = "none"
_SELECTED_MODEL = "selected model"
_MAX_UPLOAD_MB = MAX_TEXT_BYTES // 1_000_000


def input_form() -> TokenSession:
    """Draw the controls for the input and its encoding, and return the session with both."""
    token_session = session.live_session().token_session
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.segmented_control(
            "Input",
            list(_KIND_LABELS),
            default=token_session.kind,
            required=True,
            format_func=_KIND_LABELS.__getitem__,
            key="tokens.kind",
        )
        options = _encoding_controls()
    token_session.select(kind or "text", options)
    if token_session.kind == "file":
        _file_upload(token_session)
    if token_session.kind == "request":
        _request_controls(token_session)
    return token_session


def current_analysis(token_session: TokenSession) -> TokenAnalysis | None:
    """Return the analysis of the input. None if it is empty, or invalid: then the token view says why."""
    with st.spinner("Counting…", show_time=True):
        analysis = token_session.analysis()
    if isinstance(analysis, AnalysisError):
        return None
    if not analysis.total_tokens:
        st.caption("Enter something to see its statistics, fit and cost.")
        return None
    return analysis


def _request_controls(token_session: TokenSession) -> None:
    """Draw the API that the request is for, and the button that replaces it by the conversation of Chat."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        analysis = token_session.analysis()
        request = analysis.request if isinstance(analysis, TokenAnalysis) else None
        if request:
            session.set_widget_value(_API_KEY, request.api)
        st.segmented_control(
            "API",
            [*APIS],
            format_func=lambda name: APIS[name].label,
            help="Recognised by the request. Select the other API to convert the request.",
            key=_API_KEY,
            required=True,
            disabled=request is None,
            on_change=_convert,
            args=(token_session, request),
        )
        if messages := api_messages(non_empty(repositories.current_branch())):
            label = f"Use the {len(messages)} messages of the chat"
            if st.button(label, icon=":material/forum:", key="tokens.conversation"):
                token_session.replace_with_messages(messages)
                st.rerun()


def _convert(token_session: TokenSession, request: ParsedRequest) -> None:
    """Replace *request* by the same for the API that was selected."""
    api: ApiName = session.widget_value(_API_KEY)
    params, left_out = convert_request(request, api)
    token_session.replace_text("request", json.dumps(params, ensure_ascii=False, indent=2))
    if left_out:
        names = escape_markdown(", ".join(left_out))
        text = f"{APIS[api].label} does not have these parameters, so they were left out: {names}"
        st.toast(text, icon=":material/info:", duration="long")


def _encoding_controls() -> EncodingOptions:
    model = session.model() or ""

    def label(name: str) -> str:
        model_id = model if name == _SELECTED_MODEL else name
        return model_id if model_id in ENCODINGS else f"{model_id} · {encoding_for_model(model_id).name}"

    encoding = st.selectbox(
        "Model / encoding",
        [_SELECTED_MODEL, *ENCODINGS],
        format_func=label,
        accept_new_options=True,
        key="tokens.encoding",
        persist_state="session",
        width=230,
        help="The model of the sidebar, an encoding, or the ID of any other model.",
    )
    compare_with = st.selectbox(
        "Compare with",
        [_NO_COMPARISON, *ENCODINGS],
        key="tokens.other",
        persist_state="session",
        width=130,
        help="Marks the tokens that another encoding splits differently.",
    )
    allow_special = st.toggle(
        "Special tokens",
        key="tokens.special",
        persist_state="session",
        help="Off: <|endoftext|> in a text is plain text, as for the API. On: it is one token.",
    )
    return encoding_options(
        model,
        model if encoding in (None, _SELECTED_MODEL) else encoding,
        None if compare_with in (None, _NO_COMPARISON) else compare_with,
        allow_special,
    )


def _file_upload(token_session: TokenSession) -> None:
    uploaded = st.file_uploader(
        f"File (up to {_MAX_UPLOAD_MB} MB)",
        EXTENSIONS,
        max_upload_size=_MAX_UPLOAD_MB,
        key="tokens.file",
        help="A text file, or a PDF whose text is extracted. The file is neither stored nor sent.",
    )
    if uploaded is None:
        # The uploader is empty after a visit to another page; the session still has the text.
        if token_session.file_name:
            st.caption(f"Current file: {escape_markdown(token_session.file_name)}")
        return
    if token_session.file_id == uploaded.file_id:
        return
    try:
        with st.spinner("Reading the file…", show_time=True):
            text, description = read_text(uploaded.name, uploaded.getvalue())
    except PlaygroundError as error:
        error_card(explain(error))
        token_session.clear_file()
        return
    token_session.set_file(uploaded.file_id, f"{uploaded.name} ({description})", text)
