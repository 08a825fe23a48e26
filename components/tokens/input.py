"""The Tokens page: what is counted, how it is read, and what the figures of it are."""

from typing import Any

import streamlit as st

from components.session import repositories, session
from components.session.token_session import AnalysisError, TokenSession
from components.ui.error_card import error_card
from components.ui.formatting import metric_line
from components.ui.markdown_escape import escape_markdown
from core.conversations.messages import api_messages, non_empty
from core.errors.types import Explanation, PlaygroundError
from core.files.text import EXTENSIONS, read_text
from core.tokens.analysis import EncodingOptions, InputKind, TokenAnalysis, encoding_options
from core.tokens.encodings import ENCODINGS, encoding_for_model
from core.tokens.tokenizer import MAX_TEXT_BYTES, Statistics, statistics

_KIND_LABELS: dict[InputKind, str] = {"text": "Text", "request": "Request", "file": "File", "ids": "Ids"}
INPUT_LABELS: dict[InputKind, str] = {
    "text": "Text to count",
    "request": "Messages, tools or a schema, as JSON",
    "ids": "Token ids to decode, parted by commas or spaces",
    "file": "",
}
_NO_COMPARISON = "nothing"
_SELECTED_MODEL = "the chosen model"
# Streamlit counts a million bytes as a MB: a file of 10 MB either way gets in, and a larger one our reason.
_MAX_UPLOAD_MB = MAX_TEXT_BYTES // 1_000_000 + 1


def input_form() -> TokenSession:
    """Draw what to count and how, and return the sheet it is on."""
    sheet = session.live_session().token_session
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.segmented_control(
            "Count",
            list(_KIND_LABELS),
            default=sheet.kind,
            required=True,
            format_func=_KIND_LABELS.__getitem__,
            key="tokens.kind",
        )
        choice = _choice()
    sheet.select(kind or "text", choice)
    if sheet.kind == "file":
        _upload(sheet)
    if sheet.kind == "request":
        _offer_conversation(sheet)
    return sheet


def current_analysis(sheet: TokenSession) -> TokenAnalysis | None:
    """Return the sheet's reading, or None where the view says why there is none."""
    with st.spinner("Counting…", show_time=True):
        found = sheet.analysis()
    if isinstance(found, AnalysisError):
        return None
    if not found.total_tokens:
        st.caption("Statistics, fit and cost appear here as soon as there is something to count.")
        return None
    return found


def statistics_panel(found: TokenAnalysis) -> None:
    """Draw the figures of the text, and its most frequent and longest tokens."""
    counted = session.live_session().token_session.memoised(
        "statistics", found, None, lambda: statistics(found.text, found.tokens)
    )
    metric_line(_named(counted))
    if counted.special_tokens:
        _special_note(found.options, counted.special_tokens)
    frequent, longest = st.columns(2, gap="large")
    with frequent:
        st.subheader("Most frequent", anchor=False)
        _ranking(counted.most_frequent, "Most frequent tokens")
    with longest:
        st.subheader("Longest", anchor=False)
        _ranking(counted.longest, "Longest tokens")


def _choice() -> EncodingOptions:
    model = session.model() or ""
    encoding = st.selectbox(
        "Encoding of",
        [_SELECTED_MODEL, *ENCODINGS],
        format_func=lambda name: _encoding_label(model if name == _SELECTED_MODEL else name),
        accept_new_options=True,
        key="tokens.encoding",
        persist_state="session",
        width=230,
        help="The sidebar's model, an encoding, or any other model: type its id.",
    )
    other = st.selectbox(
        "Beside",
        [_NO_COMPARISON, *ENCODINGS],
        key="tokens.other",
        persist_state="session",
        width=130,
        help="Shows where another encoding cuts the text otherwise.",
    )
    special = st.toggle(
        "Special tokens",
        key="tokens.special",
        persist_state="session",
        help="Off, <|endoftext|> in a text is plain text, as it is to the API. On, it is one token.",
    )
    named = model if encoding in (None, _SELECTED_MODEL) else encoding
    return encoding_options(model, named, None if other in (None, _NO_COMPARISON) else other, special)


def _encoding_label(name: str) -> str:
    if name in ENCODINGS:
        return name
    found = encoding_for_model(name)
    return f"{name} · {found.name}"


def _upload(sheet: TokenSession) -> None:
    uploaded = st.file_uploader(
        "A file of up to 10 MB",
        EXTENSIONS,
        max_upload_size=_MAX_UPLOAD_MB,
        key="tokens.file",
        help="Read as text; of a PDF, its text. Nothing of it is stored or sent.",
    )
    if uploaded is None:
        if sheet.file_name:
            st.caption(f"Counted: {escape_markdown(sheet.file_name)}")
        return
    if sheet.file_id == uploaded.file_id:
        return
    try:
        with st.spinner("Reading the file…", show_time=True):
            text, how = read_text(uploaded.name, uploaded.getvalue())
    except PlaygroundError as unreadable:
        error_card(Explanation(str(unreadable).removesuffix("."), unreadable.hint))
        sheet.clear_file()
        return
    sheet.set_file(uploaded.file_id, f"{uploaded.name} ({how})", text)


def _offer_conversation(sheet: TokenSession) -> None:
    messages = _conversation()
    if messages and st.button(
        f"Take the {len(messages)} messages of the chat", icon=":material/forum:", key="tokens.conversation"
    ):
        sheet.replace_with_messages(messages)


def _conversation() -> list[dict[str, Any]]:
    return api_messages(non_empty(repositories.current_branch()))


def _named(found: Statistics) -> dict[str, str]:
    return {
        "tokens": f"{found.tokens:,}",
        "characters": f"{found.characters:,}",
        "words": f"{found.words:,}",
        "lines": f"{found.lines:,}",
        "bytes": f"{found.byte_count:,}",
        "bytes a token": f"{found.bytes_per_token:.2f}",
        "tokens a word": f"{found.tokens / found.words:.2f}" if found.words else "–",
    }


def _special_note(choice: EncodingOptions, special: tuple[str, ...]) -> None:
    names = ", ".join(escape_markdown(token) for token in special[:5])
    how = (
        "counted as special tokens" if choice.allow_special else "counted as plain text, as the API reads it"
    )
    st.caption(f"The text holds {names}: {how}.")


def _ranking(rows: tuple[tuple[int, bytes, int], ...], alt: str) -> None:
    table = {
        "Token": [visible_token(data) for _, data, _ in rows],
        "Id": [token for token, _, _ in rows],
        "Bytes": [len(data) for _, data, _ in rows],
        "Times": [times for _, _, times in rows],
    }
    st.dataframe(table, hide_index=True, alt=alt)


def visible_token(data: bytes) -> str:
    """Write a token so that its white space is seen; bytes that are no character in hexadecimal."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"⟨{data.hex(' ')}⟩"
    marks = {" ": "·", "\n": "↵", "\t": "→"}
    return "".join(marks.get(char, char if char.isprintable() else f"⟨U+{ord(char):04X}⟩") for char in text)
