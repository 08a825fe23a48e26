"""Trim what is on the sheet to a number of tokens, or split it into chunks."""

import json
from collections.abc import Sequence
from typing import get_args

import streamlit as st

from components.chat.context import STRATEGIES
from components.session import session
from components.ui.error_card import problem
from core.errors.types import Explanation, PlaygroundError
from core.tokens.analysis import Reading, counted_by
from core.tokens.chunking import Chunk, Keep, split, trim
from core.tokens.context_window import Budget, Fit, fit
from core.tokens.estimate import estimate, message_counter
from core.tokens.tokenizer import Tokens

_MOST_SHOWN = 4_000
_MOST_CHUNKS = 200


def trim_panel(found: Reading) -> None:
    """Cut a text to a number of tokens; of a chat request, choose which messages are left out."""
    if found.params and found.params["messages"]:
        _trim_conversation(found)
    else:
        _trim_text(found)


def split_panel(found: Reading) -> None:
    """Cut the text into chunks, to look at and to download."""
    with st.container(horizontal=True, gap="medium"):
        size = st.number_input(
            "Tokens a chunk", 16, 1_000_000, 500, key="tokens.chunk", persist_state="session", width=160
        )
        overlap = st.number_input(
            "Overlap",
            0,
            500_000,
            50,
            key="tokens.overlap",
            persist_state="session",
            width=160,
            help="Tokens that each chunk repeats of the one before, so that no thought is cut in two.",
        )
    try:
        with st.spinner("Splitting…", show_time=True):
            chunks = _chunks(found, int(size), int(overlap))
    except PlaygroundError as impossible:
        problem(Explanation(str(impossible).removesuffix("."), impossible.hint))
        return
    _chunk_table(chunks)
    _chunk_downloads(chunks)


def _chunks(found: Reading, size: int, overlap: int) -> list[Chunk]:
    def work() -> list[Chunk]:
        return list(split(_tokens(found), size, overlap))

    return session.desk().sheet.worked_out("split", found, (size, overlap), work)


def _tokens(found: Reading) -> Tokens:
    """Of ids that were decoded those of the text, as they may be other ones."""
    return session.desk().sheet.worked_out(
        "tokens", found, None, lambda: counted_by(found, found.choice.encoding)
    )


def _trim_text(found: Reading) -> None:
    tokens = _tokens(found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        limit = st.number_input(
            "At most so many tokens", 1, 10_000_000, max(len(tokens) // 2, 1), key="tokens.limit", width=200
        )
        keep = st.segmented_control("Keep", get_args(Keep), default="start", required=True, key="tokens.keep")
    where: Keep = keep or "start"
    cut = session.desk().sheet.worked_out(
        "trim", found, (int(limit), where), lambda: trim(tokens, int(limit), where)
    )
    st.markdown(f"Left: **{cut.tokens:,}** · cut off: **{cut.removed:,}** tokens")
    st.code(cut.text[:_MOST_SHOWN], language=None, wrap_lines=True)
    if len(cut.text) > _MOST_SHOWN:
        st.caption(f"The first {_MOST_SHOWN:,} of {len(cut.text):,} characters; the download has all.")
    st.download_button(
        "Download", _storable(cut.text), "trimmed.txt", icon=":material/download:", key="tokens.trimmed"
    )


def _trim_conversation(found: Reading) -> None:
    params = {**found.as_request(), "model": found.choice.model}
    total = found.total
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        limit = st.number_input(
            "At most so many tokens", 1, 10_000_000, max(total * 2 // 3, 1), key="tokens.fit", width=200
        )
        strategy = st.selectbox(
            "What to leave out", list(STRATEGIES), format_func=STRATEGIES.__getitem__, key="tokens.strategy"
        )
    counter = message_counter(found.choice.model)
    messages = params["messages"]
    overhead = estimate(params).tokens - sum(counter(message) for message in messages)
    pinned = _pinned(len(messages)) if strategy == "keep_pinned" else []
    _preview(
        fit(messages, Budget(None, int(limit), overhead=overhead), strategy, counter, pinned), len(messages)
    )


def _pinned(messages: int) -> list[int]:
    chosen = st.multiselect("Pinned messages", range(1, messages + 1), key="tokens.pinned")
    return [place - 1 for place in chosen]


def _preview(result: Fit, of: int) -> None:
    st.markdown(result.reason or f"All {of} messages fit: about {result.tokens:,} tokens.")
    kept, dropped = st.columns(2, gap="large")
    with kept:
        st.subheader(f"Sent ({len(result.kept)})", anchor=False)
        _messages(result.kept)
    with dropped:
        st.subheader(f"Left out ({len(result.dropped)})", anchor=False)
        _messages(result.dropped)
    sent = json.dumps(list(result.kept), ensure_ascii=False, indent=2)
    st.download_button("Download what is sent", _storable(sent), "messages.json", icon=":material/download:")


def _messages(messages: Sequence[object]) -> None:
    for message in messages[:50]:
        st.text(json.dumps(message, ensure_ascii=False)[:160])
    if len(messages) > 50:
        st.caption(f"and {len(messages) - 50} more")


def _chunk_table(chunks: list[Chunk]) -> None:
    total = sum(chunk.tokens for chunk in chunks)
    number = "1 chunk" if len(chunks) == 1 else f"{len(chunks):,} chunks"
    st.markdown(f"**{number}**, {total:,} tokens with the overlaps.")
    shown = chunks[:_MOST_CHUNKS]
    table = {
        "Chunk": [chunk.index + 1 for chunk in shown],
        "Tokens": [chunk.tokens for chunk in shown],
        "Bytes": [f"{chunk.start:,} to {chunk.stop:,}" for chunk in shown],
        "Overlap (bytes)": [chunk.overlap for chunk in shown],
        "Text": [chunk.text[:200] for chunk in shown],
    }
    st.dataframe(table, hide_index=True, alt="The chunks")
    if len(chunks) > _MOST_CHUNKS:
        st.caption(f"The first {_MOST_CHUNKS:,} of {len(chunks):,}; the download has all.")


def _chunk_downloads(chunks: list[Chunk]) -> None:
    st.download_button(
        "Download as JSONL",
        lambda: as_lines(chunks),
        "chunks.jsonl",
        icon=":material/download:",
    )


def as_lines(chunks: Sequence[Chunk]) -> bytes:
    """Write *chunks* as JSONL, for every download anew."""
    fields = ("index", "tokens", "start", "stop", "text")
    lines = ({name: getattr(chunk, name) for name in fields} for chunk in chunks)
    return _storable("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))


def _storable(text: str) -> bytes:
    return text.encode(errors="replace")
