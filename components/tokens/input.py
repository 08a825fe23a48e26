"""The Tokens page: what is counted, how it is read, and what the figures of it are."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.session import repositories, session
from components.session.token_session import Problem, Sheet
from components.ui.error_card import problem
from components.ui.markdown_escape import plain
from core.conversations.messages import spoken, wire_messages
from core.errors.types import Explanation, PlaygroundError
from core.files.text import SUFFIXES, read_text
from core.tokens.analysis import Choice, Kind, Reading, choice_for
from core.tokens.encodings import ENCODINGS, encoding_for
from core.tokens.tokenizer import MOST_BYTES, Statistics, statistics

_KINDS: dict[Kind, str] = {"text": "Text", "request": "Request", "file": "File", "ids": "Ids"}
LABELS: dict[Kind, str] = {
    "text": "Text to count",
    "request": "Messages, tools or a schema, as JSON",
    "ids": "Token ids to decode, parted by commas or spaces",
    "file": "",
}
_NOTHING = "nothing"
_CHOSEN = "the chosen model"
# Streamlit counts a million bytes as a MB: a file of 10 MB either way gets in, and a larger one our reason.
_MOST_UPLOAD = MOST_BYTES // 1_000_000 + 1


def source() -> Sheet:
    """Draw what to count and how, and return the sheet it is on."""
    sheet = session.desk().sheet
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.segmented_control(
            "Count",
            list(_KINDS),
            default=sheet.kind,
            required=True,
            format_func=_KINDS.__getitem__,
            key="tokens.kind",
        )
        choice = _choice()
    sheet.choose(kind or "text", choice)
    if sheet.kind == "file":
        _upload(sheet)
    if sheet.kind == "request":
        _offer_conversation(sheet)
    return sheet


def reading(sheet: Sheet) -> Reading | None:
    """Return the sheet's reading, or None where the view says why there is none."""
    with st.spinner("Counting…", show_time=True):
        found = sheet.reading()
    if isinstance(found, Problem):
        return None
    if not found.total:
        st.caption("Statistics, fit and cost appear here as soon as there is something to count.")
        return None
    return found


def statistics_panel(found: Reading) -> None:
    """Draw the figures of the text, and its most frequent and longest tokens."""
    counted = session.desk().sheet.worked_out(
        "statistics", found, None, lambda: statistics(found.text, found.tokens)
    )
    figures(_named(counted))
    if counted.special:
        _special_note(found.choice, counted.special)
    frequent, longest = st.columns(2, gap="large")
    with frequent:
        st.subheader("Most frequent", anchor=False)
        _ranking(counted.frequent, "Most frequent tokens")
    with longest:
        st.subheader("Longest", anchor=False)
        _ranking(counted.longest, "Longest tokens")


def _choice() -> Choice:
    model = session.model() or ""
    encoding = st.selectbox(
        "Encoding of",
        [_CHOSEN, *ENCODINGS],
        format_func=lambda name: _encoding_label(model if name == _CHOSEN else name),
        accept_new_options=True,
        key="tokens.encoding",
        persist_state="session",
        width=230,
        help="The sidebar's model, an encoding, or any other model: type its id.",
    )
    other = st.selectbox(
        "Beside",
        [_NOTHING, *ENCODINGS],
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
    named = model if encoding in (None, _CHOSEN) else encoding
    return choice_for(model, named, None if other in (None, _NOTHING) else other, special)


def _encoding_label(name: str) -> str:
    if name in ENCODINGS:
        return name
    found = encoding_for(name)
    return f"{name} · {found.name}"


def _upload(sheet: Sheet) -> None:
    uploaded = st.file_uploader(
        "A file of up to 10 MB",
        SUFFIXES,
        max_upload_size=_MOST_UPLOAD,
        key="tokens.file",
        help="Read as text; of a PDF, its text. Nothing of it is stored or sent.",
    )
    if uploaded is None:
        if sheet.file:
            st.caption(f"Counted: {plain(sheet.file)}")
        return
    if sheet.file_id == uploaded.file_id:
        return
    try:
        with st.spinner("Reading the file…", show_time=True):
            text, how = read_text(uploaded.name, uploaded.getvalue())
    except PlaygroundError as unreadable:
        problem(Explanation(str(unreadable).removesuffix("."), unreadable.hint))
        sheet.forget_file()
        return
    sheet.take_file(uploaded.file_id, f"{uploaded.name} ({how})", text)


def _offer_conversation(sheet: Sheet) -> None:
    messages = _conversation()
    if messages and st.button(
        f"Take the {len(messages)} messages of the chat", icon=":material/forum:", key="tokens.conversation"
    ):
        sheet.put_messages(messages)


def _conversation() -> list[dict[str, Any]]:
    return wire_messages(spoken(repositories.branch()))


def figures(shown: Mapping[str, str]) -> None:
    """Draw a line of values, each before its label."""
    st.markdown(" · ".join(f"**{plain(value)}** {plain(label)}" for label, value in shown.items()))


def _named(found: Statistics) -> dict[str, str]:
    return {
        "tokens": f"{found.tokens:,}",
        "characters": f"{found.characters:,}",
        "words": f"{found.words:,}",
        "lines": f"{found.lines:,}",
        "bytes": f"{found.size:,}",
        "bytes a token": f"{found.bytes_per_token:.2f}",
        "tokens a word": f"{found.tokens / found.words:.2f}" if found.words else "–",
    }


def _special_note(choice: Choice, special: tuple[str, ...]) -> None:
    names = ", ".join(plain(token) for token in special[:5])
    how = "counted as special tokens" if choice.special else "counted as plain text, as the API reads it"
    st.caption(f"The text holds {names}: {how}.")


def _ranking(rows: tuple[tuple[int, bytes, int], ...], alt: str) -> None:
    table = {
        "Token": [shown_bytes(data) for _, data, _ in rows],
        "Id": [token for token, _, _ in rows],
        "Bytes": [len(data) for _, data, _ in rows],
        "Times": [times for _, _, times in rows],
    }
    st.dataframe(table, hide_index=True, alt=alt)


def shown_bytes(data: bytes) -> str:
    """Write a token so that its white space is seen; bytes that are no character in hexadecimal."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"⟨{data.hex(' ')}⟩"
    marks = {" ": "·", "\n": "↵", "\t": "→"}
    return "".join(marks.get(char, char if char.isprintable() else f"⟨U+{ord(char):04X}⟩") for char in text)
