"""Full-text search in `history_texts`, by FTS5 on SQLite and by a `tsvector` on PostgreSQL.

Neither splits Korean, Japanese or Chinese into words, and trigrams, which FTS5 has, need three characters.
So both index tokens made here: pairs of adjacent characters in these scripts, whole words in others. A query
in these scripts is found anywhere, as a phrase of its pairs; other words are found by their beginning.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    bindparam,
    cast,
    column,
    delete,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from core.storage.history_schema import history_texts

# Scripts that are searched by pairs: Hangul, Han, Hiragana and Katakana; Thai, Lao and Khmer have no spaces.
_PAIRED = (
    r"\u0e00-\u0eff\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff"
)
_SEGMENT = re.compile(rf"[{_PAIRED}]+|[^\W_{_PAIRED}]+")
_PAIRED_SEGMENT = re.compile(f"[{_PAIRED}]")
_QUERY_PART = re.compile(r'"([^"]*)"?|(\S+)')
# PostgreSQL's limit is 2,046 bytes; such tokens are Base64 and the like.
_MAX_TOKEN = 100

# The table of the index on SQLite, and the column of it on PostgreSQL, which are not in `schema`.
_search = table("history_search", column("rowid"), column("tokens"), column("history_search"))
_searched_texts = table("history_texts", column("seq"), column("tokens"))


@dataclass(frozen=True, slots=True)
class SearchText:
    """A text with the tokens that are indexed for it, and the `seq` of its row."""

    seq: int
    text: str
    tokens: Sequence[str]

    @classmethod
    def of(cls, seq: int, text: str) -> "SearchText":
        return cls(seq, text, tokens(text))


def add_texts(connection: Connection, texts: Sequence[SearchText]) -> None:
    """Insert and index new texts."""
    connection.execute(insert(history_texts), [{"seq": each.seq, "text": each.text} for each in texts])
    if connection.dialect.name == "sqlite":
        rows = [{"rowid": each.seq, "tokens": " ".join(each.tokens)} for each in texts]
        connection.execute(insert(_search), rows)
        return
    values = {"tokens": cast(bindparam("new_tokens"), TSVECTOR)}
    is_row = _searched_texts.c.seq == bindparam("row")
    rows = [{"row": each.seq, "new_tokens": _to_tsvector(each.tokens)} for each in texts]
    connection.execute(update(_searched_texts).where(is_row).values(values), rows)


def delete_texts(connection: Connection, seqs: Sequence[int]) -> None:
    """Delete texts and remove them from the index."""
    if connection.dialect.name == "sqlite":
        _remove_from_index(connection, seqs)
    connection.execute(delete(history_texts).where(history_texts.c.seq.in_(seqs)))


def _remove_from_index(connection: Connection, seqs: Sequence[int]) -> None:
    texts = connection.execute(select(history_texts).where(history_texts.c.seq.in_(seqs))).all()
    # As the index has no copy of the text, FTS5 needs what was indexed to remove it.
    rows = [
        {"rowid": row.seq, "tokens": " ".join(tokens(row.text)), "history_search": "delete"} for row in texts
    ]
    if rows:
        connection.execute(insert(_search), rows)


def contains(seq: ColumnElement[int], query: str, dialect: Dialect) -> ColumnElement[bool] | None:
    """Return the condition that the text of *seq* contains all words of *query*; None if it has no word.

    Words in quotation marks must follow each other.
    """
    phrases = [phrase for phrase in map(_to_phrase, _parts(query)) if phrase]
    if not phrases:
        return None
    if dialect.name == "sqlite":
        expression = " AND ".join(_fts5_phrase(*phrase) for phrase in phrases)
        return seq.in_(select(_search.c.rowid).where(_search.c.history_search.op("MATCH")(expression)))
    expression = " & ".join(_tsquery_phrase(*phrase) for phrase in phrases)
    matches_text = _searched_texts.c.tokens.op("@@")(cast(expression, TSQUERY))
    return seq.in_(select(_searched_texts.c.seq).where(matches_text))


def tokens(content: str) -> list[str]:
    """Return the tokens of a text, in their order."""
    return [token for segment in _segments(content) for token in _segment_tokens(segment)]


def _segments(content: str) -> list[str]:
    return _SEGMENT.findall(unicodedata.normalize("NFKC", content).casefold())


def _segment_tokens(segment: str) -> list[str]:
    if not _PAIRED_SEGMENT.match(segment):
        return [segment[:_MAX_TOKEN]]
    # With the last character alone, so that a single one is found as the beginning of a token.
    return [segment[start : start + 2] for start in range(len(segment))]


def _parts(query: str) -> Iterator[str]:
    for quoted, word in _QUERY_PART.findall(query):
        yield quoted or word


def _to_phrase(part: str) -> tuple[list[str], bool] | None:
    """Return the tokens that must follow each other, and whether the last is only the beginning of one."""
    segments = _segments(part)
    if not segments:
        return None
    *first, last = segments
    last_tokens = _segment_tokens(last)
    is_pair = len(last_tokens) > 1
    if is_pair:
        last_tokens.pop()
    return [token for segment in first for token in _segment_tokens(segment)] + last_tokens, not is_pair


def _fts5_phrase(phrase: list[str], is_prefix: bool) -> str:
    return f'"{" ".join(phrase)}"' + (" *" if is_prefix else "")


def _tsquery_phrase(phrase: list[str], is_prefix: bool) -> str:
    return "(" + " <-> ".join(f"'{token}'" for token in phrase) + (":*)" if is_prefix else ")")


def _to_tsvector(positioned: Sequence[str]) -> str:
    """Return tokens as a literal of PostgreSQL, which limits positions to 16,383, and to 256 of a token."""
    positions: dict[str, list[int]] = {}
    for number, token in enumerate(positioned, 1):
        positions.setdefault(token, []).append(min(number, 16_383))
    return " ".join(f"'{token}':{','.join(map(str, each[:255]))}" for token, each in positions.items())
