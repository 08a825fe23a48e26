"""The Truncate and Chunk panels: shorten a text or a conversation to a number of tokens, or split a text."""

import json
from collections.abc import Sequence
from typing import get_args

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.token_analysis.analysis import TokenAnalysis, tokens_by_encoding
from core.token_analysis.request_parser import ParsedRequest, convert_request
from core.tokens.chunking import KeepSide, TokenChunk, split_into_chunks, truncate
from core.tokens.context_window import STRATEGY_LABELS, TokenBudget, TrimResult, trim_messages
from core.tokens.estimate import estimate_tokens, message_counter
from core.tokens.tokenizer import Tokens

_MAX_SHOWN_CHARACTERS = 4_000
_MAX_SHOWN_MESSAGES = 50
_MAX_SHOWN_CHUNKS = 200


def truncate_panel(analysis: TokenAnalysis) -> None:
    """Truncate a text to a number of tokens; of a chat request, drop messages."""
    if analysis.request and analysis.request.chat["messages"]:
        _trim_conversation(analysis)
        return
    tokens = _text_tokens(analysis)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        limit = st.number_input(
            "Max tokens", 1, 10_000_000, max(len(tokens) // 2, 1), key="tokens.limit", width=200
        )
        side = st.segmented_control(
            "Keep", get_args(KeepSide), default="start", required=True, key="tokens.keep"
        )
    keep: KeepSide = side or "start"
    truncation = session.live_session().token_session.panel_cache.get_or_compute(
        "truncate", analysis, (int(limit), keep), lambda: truncate(tokens, int(limit), keep)
    )
    text = truncation.text
    st.markdown(f"Remaining: **{truncation.tokens:,}** · removed: **{truncation.removed:,}** tokens")
    st.code(text[:_MAX_SHOWN_CHARACTERS], language=None, wrap_lines=True)
    if len(text) > _MAX_SHOWN_CHARACTERS:
        st.caption(
            f"Showing the first {_MAX_SHOWN_CHARACTERS:,} of {len(text):,} characters; the download has all."
        )
    st.download_button(
        "Download", _encode(text), "truncated.txt", icon=":material/download:", key="tokens.truncated"
    )


def chunk_panel(analysis: TokenAnalysis) -> None:
    """Split the text into chunks, to view and to download."""
    with st.container(horizontal=True, gap="medium"):
        size = st.number_input(
            "Tokens per chunk", 16, 1_000_000, 500, key="tokens.chunk", persist_state="session", width=160
        )
        overlap = st.number_input(
            "Overlap",
            0,
            500_000,
            50,
            key="tokens.overlap",
            persist_state="session",
            width=160,
            help="Tokens at the end of a chunk that the next chunk repeats, so that context is not lost.",
        )
    try:
        with st.spinner("Splitting…", show_time=True):
            chunks = session.live_session().token_session.panel_cache.get_or_compute(
                "chunk",
                analysis,
                (size, overlap),
                lambda: split_into_chunks(_text_tokens(analysis), int(size), int(overlap)),
            )
    except PlaygroundError as error:
        error_card(explain(error))
        return
    _chunk_table(chunks)
    st.download_button(
        "Download as JSONL", lambda: to_jsonl(chunks), "chunks.jsonl", icon=":material/download:"
    )


def to_jsonl(chunks: Sequence[TokenChunk]) -> bytes:
    """Return *chunks* as JSONL."""
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
    return _encode("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))


def _text_tokens(analysis: TokenAnalysis) -> Tokens:
    """Return the tokens of the text; decoded IDs need not be those to which their text encodes."""
    return session.live_session().token_session.panel_cache.get_or_compute(
        "tokens", analysis, None, lambda: tokens_by_encoding(analysis, analysis.options.encoding)
    )


def _trim_conversation(analysis: TokenAnalysis) -> None:
    request = analysis.to_request()
    params = {**request.chat, "model": analysis.options.model}
    messages = params["messages"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        limit = st.number_input(
            "Max tokens", 1, 10_000_000, max(analysis.total_tokens * 2 // 3, 1), key="tokens.fit", width=200
        )
        strategy = st.selectbox(
            "Strategy",
            list(STRATEGY_LABELS),
            format_func=STRATEGY_LABELS.__getitem__,
            key="tokens.strategy",
        )
    pinned: list[int] = []
    if strategy == "keep_pinned":
        pinned = st.multiselect("Pinned messages", range(1, len(messages) + 1), key="tokens.pinned")

    def trim() -> TrimResult:
        count = message_counter(analysis.options.model)
        overhead = estimate_tokens(params).tokens - sum(map(count, messages))
        budget = TokenBudget(None, int(limit), overhead=overhead)
        return trim_messages(messages, budget, strategy, count, [number - 1 for number in pinned])

    result = session.live_session().token_session.panel_cache.get_or_compute(
        "trim", analysis, (int(limit), strategy, tuple(pinned)), trim
    )
    st.markdown(result.reason or f"All {len(messages)} messages fit: about {result.tokens:,} tokens.")
    sent, dropped = st.columns(2, gap="large")
    with sent:
        st.subheader(f"Sent ({len(result.messages)})", anchor=False)
        _message_list(result.messages)
    with dropped:
        st.subheader(f"Dropped ({len(result.dropped)})", anchor=False)
        _message_list(result.dropped)
    sent_request, _left_out = convert_request(ParsedRequest({"messages": result.messages}), request.api)
    text = json.dumps(sent_request, ensure_ascii=False, indent=2)
    st.download_button("Download sent messages", _encode(text), "messages.json", icon=":material/download:")


def _message_list(messages: Sequence[object]) -> None:
    for message in messages[:_MAX_SHOWN_MESSAGES]:
        st.text(json.dumps(message, ensure_ascii=False)[:160])
    if len(messages) > _MAX_SHOWN_MESSAGES:
        st.caption(f"and {len(messages) - _MAX_SHOWN_MESSAGES} more")


def _chunk_table(chunks: list[TokenChunk]) -> None:
    total = sum(chunk.tokens for chunk in chunks)
    number = "1 chunk" if len(chunks) == 1 else f"{len(chunks):,} chunks"
    st.markdown(f"**{number}**, {total:,} tokens including overlaps.")
    shown = chunks[:_MAX_SHOWN_CHUNKS]
    table = {
        "Chunk": [chunk.index + 1 for chunk in shown],
        "Tokens": [chunk.tokens for chunk in shown],
        "Bytes": [f"{chunk.start_byte:,} to {chunk.stop_byte:,}" for chunk in shown],
        "Overlap (bytes)": [chunk.overlap_bytes for chunk in shown],
        "Text": [chunk.text[:200] for chunk in shown],
    }
    st.dataframe(table, hide_index=True, alt="Chunks")
    if len(chunks) > _MAX_SHOWN_CHUNKS:
        st.caption(
            f"Showing the first {_MAX_SHOWN_CHUNKS:,} of {len(chunks):,} chunks; the download has all."
        )


def _encode(text: str) -> bytes:
    # JSON may escape lone surrogates, which have no UTF-8.
    return text.encode(errors="replace")
