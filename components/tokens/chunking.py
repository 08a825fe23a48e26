"""Trim what is on the sheet to a number of tokens, or split it into chunks."""

import json
from collections.abc import Sequence
from typing import get_args

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from core.errors.types import Explanation, PlaygroundError
from core.tokens.analysis import TokenAnalysis, tokens_by_encoding
from core.tokens.chunking import KeepSide, TokenChunk, split_into_chunks, truncate
from core.tokens.context_window import STRATEGY_LABELS, TokenBudget, TrimResult, trim_messages
from core.tokens.estimate import estimate_tokens, message_counter
from core.tokens.tokenizer import Tokens

_MAX_SHOWN_CHARACTERS = 4_000
_MAX_SHOWN_CHUNKS = 200


def truncate_panel(found: TokenAnalysis) -> None:
    """Cut a text to a number of tokens; of a chat request, choose which messages are left out."""
    if found.params and found.params["messages"]:
        _trim_conversation(found)
    else:
        _trim_text(found)


def chunk_panel(found: TokenAnalysis) -> None:
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
        error_card(Explanation(str(impossible).removesuffix("."), impossible.hint))
        return
    _chunk_table(chunks)
    _chunk_downloads(chunks)


def _chunks(found: TokenAnalysis, size: int, overlap: int) -> list[TokenChunk]:
    def work() -> list[TokenChunk]:
        return list(split_into_chunks(_tokens(found), size, overlap))

    return session.live_session().token_session.memoised("split", found, (size, overlap), work)


def _tokens(found: TokenAnalysis) -> Tokens:
    """Of ids that were decoded those of the text, as they may be other ones."""
    return session.live_session().token_session.memoised(
        "tokens", found, None, lambda: tokens_by_encoding(found, found.options.encoding)
    )


def _trim_text(found: TokenAnalysis) -> None:
    tokens = _tokens(found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        limit = st.number_input(
            "At most so many tokens", 1, 10_000_000, max(len(tokens) // 2, 1), key="tokens.limit", width=200
        )
        keep = st.segmented_control(
            "Keep", get_args(KeepSide), default="start", required=True, key="tokens.keep"
        )
    where: KeepSide = keep or "start"
    cut = session.live_session().token_session.memoised(
        "trim", found, (int(limit), where), lambda: truncate(tokens, int(limit), where)
    )
    st.markdown(f"Left: **{cut.tokens:,}** · cut off: **{cut.removed:,}** tokens")
    st.code(cut.text[:_MAX_SHOWN_CHARACTERS], language=None, wrap_lines=True)
    if len(cut.text) > _MAX_SHOWN_CHARACTERS:
        st.caption(
            f"The first {_MAX_SHOWN_CHARACTERS:,} of {len(cut.text):,} characters; the download has all."
        )
    st.download_button(
        "Download", _storable(cut.text), "trimmed.txt", icon=":material/download:", key="tokens.trimmed"
    )


def _trim_conversation(found: TokenAnalysis) -> None:
    params = {**found.to_request(), "model": found.options.model}
    total = found.total_tokens
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        limit = st.number_input(
            "At most so many tokens", 1, 10_000_000, max(total * 2 // 3, 1), key="tokens.fit", width=200
        )
        strategy = st.selectbox(
            "What to leave out",
            list(STRATEGY_LABELS),
            format_func=STRATEGY_LABELS.__getitem__,
            key="tokens.strategy",
        )
    counter = message_counter(found.options.model)
    messages = params["messages"]
    overhead = estimate_tokens(params).tokens - sum(counter(message) for message in messages)
    pinned = _pinned(len(messages)) if strategy == "keep_pinned" else []
    _preview(
        trim_messages(messages, TokenBudget(None, int(limit), overhead=overhead), strategy, counter, pinned),
        len(messages),
    )


def _pinned(messages: int) -> list[int]:
    chosen = st.multiselect("Pinned messages", range(1, messages + 1), key="tokens.pinned")
    return [place - 1 for place in chosen]


def _preview(result: TrimResult, of: int) -> None:
    st.markdown(result.reason or f"All {of} messages fit: about {result.tokens:,} tokens.")
    kept, dropped = st.columns(2, gap="large")
    with kept:
        st.subheader(f"Sent ({len(result.messages)})", anchor=False)
        _messages(result.messages)
    with dropped:
        st.subheader(f"Left out ({len(result.dropped)})", anchor=False)
        _messages(result.dropped)
    sent = json.dumps(list(result.messages), ensure_ascii=False, indent=2)
    st.download_button("Download what is sent", _storable(sent), "messages.json", icon=":material/download:")


def _messages(messages: Sequence[object]) -> None:
    for message in messages[:50]:
        st.text(json.dumps(message, ensure_ascii=False)[:160])
    if len(messages) > 50:
        st.caption(f"and {len(messages) - 50} more")


def _chunk_table(chunks: list[TokenChunk]) -> None:
    total = sum(chunk.tokens for chunk in chunks)
    number = "1 chunk" if len(chunks) == 1 else f"{len(chunks):,} chunks"
    st.markdown(f"**{number}**, {total:,} tokens with the overlaps.")
    shown = chunks[:_MAX_SHOWN_CHUNKS]
    table = {
        "Chunk": [chunk.index + 1 for chunk in shown],
        "Tokens": [chunk.tokens for chunk in shown],
        "Bytes": [f"{chunk.start_byte:,} to {chunk.stop_byte:,}" for chunk in shown],
        "Overlap (bytes)": [chunk.overlap_bytes for chunk in shown],
        "Text": [chunk.text[:200] for chunk in shown],
    }
    st.dataframe(table, hide_index=True, alt="The chunks")
    if len(chunks) > _MAX_SHOWN_CHUNKS:
        st.caption(f"The first {_MAX_SHOWN_CHUNKS:,} of {len(chunks):,}; the download has all.")


def _chunk_downloads(chunks: list[TokenChunk]) -> None:
    st.download_button(
        "Download as JSONL",
        lambda: to_jsonl(chunks),
        "chunks.jsonl",
        icon=":material/download:",
    )


def to_jsonl(chunks: Sequence[TokenChunk]) -> bytes:
    """Write *chunks* as JSONL, for every download anew."""
    lines = (
        {
            "index": chunk.index,
            "tokens": chunk.tokens,
            "start": chunk.start_byte,
            "stop": chunk.stop_byte,
            "text": chunk.text,
        }
        for chunk in chunks
    )
    return _storable("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))


def _storable(text: str) -> bytes:
    return text.encode(errors="replace")
