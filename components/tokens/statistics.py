"""The Statistics panel: characters, words and lines, and the most frequent and longest tokens."""

import streamlit as st

from components.session import session
from components.ui.formatting import metric_line, plural
from components.ui.markdown_escape import escape_markdown
from core.token_analysis.analysis import TokenAnalysis
from core.tokens.tokenizer import statistics

_MAX_LISTED_SPECIAL_TOKENS = 5
_VISIBLE_WHITE_SPACE = {" ": "·", "\n": "↵", "\t": "→"}


def statistics_panel(analysis: TokenAnalysis) -> None:
    """Draw the statistics of the text, and its most frequent and longest tokens."""
    stats = session.live_session().token_session.panel_cache.get_or_compute(
        "statistics", analysis, None, lambda: statistics(analysis.text, analysis.tokens)
    )
    counts = {
        "token": stats.tokens,
        "character": stats.characters,
        "word": stats.words,
        "line": stats.lines,
        "byte": stats.byte_count,
    }
    ratios = {
        "bytes per token": f"{stats.bytes_per_token:.2f}",
        "tokens per word": f"{stats.tokens / stats.words:.2f}" if stats.words else "–",
    }
    metric_line({plural(noun, count): f"{count:,}" for noun, count in counts.items()} | ratios)
    if stats.special_tokens:
        names = ", ".join(map(escape_markdown, stats.special_tokens[:_MAX_LISTED_SPECIAL_TOKENS]))
        counted_as = "special tokens" if analysis.options.allow_special else "plain text, as the API does"
        st.caption(f"The text contains {names}, counted as {counted_as}.")
    most_frequent, longest = st.columns(2, gap="large")
    with most_frequent:
        st.subheader("Most frequent", anchor=False)
        _token_table(stats.most_frequent, "Most frequent tokens")
    with longest:
        st.subheader("Longest", anchor=False)
        _token_table(stats.longest, "Longest tokens")


def visible_token(token_bytes: bytes) -> str:
    """Return a token with visible white space; bytes that are not UTF-8 in hexadecimal."""
    try:
        text = token_bytes.decode()
    except UnicodeDecodeError:
        return f"⟨{token_bytes.hex(' ')}⟩"
    return "".join(
        _VISIBLE_WHITE_SPACE.get(char, char if char.isprintable() else f"⟨U+{ord(char):04X}⟩")
        for char in text
    )


def _token_table(tokens: tuple[tuple[int, bytes, int], ...], alt: str) -> None:
    table = {
        "Token": [visible_token(token_bytes) for _, token_bytes, _ in tokens],
        "ID": [token for token, _, _ in tokens],
        "Bytes": [len(token_bytes) for _, token_bytes, _ in tokens],
        "Count": [count for _, _, count in tokens],
    }
    st.dataframe(table, hide_index=True, alt=alt)
