"""Detect the encoding of a text that is not UTF-8 and has no byte order mark.

Short texts are valid in many encodings, so a Korean or Japanese one is recognised by the characters that
nearly all of its words consist of; charset-normalizer compares the others by the letters of known languages.
"""

import re
import string
from collections.abc import Callable
from itertools import islice

_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
_MAX_LETTERS = 5_000  # enough to decide about a text of any length
_MIN_FREQUENT = 0.75
_MIN_OTHER_LETTERS = 6  # fewer say nothing about another script than the Latin one

_LATIN = ("cp1252", "cp1250", "cp1254")
_OTHER_SCRIPTS = ("gb18030", "big5", "euc_jp", "cp932", "cp1251", "koi8_r", "cp1253")


def _is_frequent_hangul(letter: str) -> bool:
    """Whether it is one of the 2,350 syllables of KS X 1001; cp949 has 8,822 more, which are rare."""
    return "가" <= letter <= "힣" and len(letter.encode("euc_kr")) == 2


def _is_frequent_japanese(letter: str) -> bool:
    """Whether it is kana, or one of the 2,965 frequent kanji, which JIS X 0208 has in its first level."""
    if "ぁ" <= letter <= "ヿ":
        return True
    try:
        return b"\xb0\xa1" <= letter.encode("euc_jp") <= b"\xcf\xd3"
    except UnicodeEncodeError:
        return False


_EAST_ASIAN: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("cp949", _is_frequent_hangul),
    ("cp932", _is_frequent_japanese),
)


def detect_encoding(data: bytes) -> str:
    """Return the encoding that *data* most likely has; Western European if nothing suggests another."""
    for encoding, is_frequent in _EAST_ASIAN:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = _letters(text)
        if letters and sum(map(is_frequent, letters)) >= _MIN_FREQUENT * len(letters):
            return encoding
    ascii_letters = len(data) - len(data.translate(None, string.ascii_letters.encode()))
    high_bytes = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    few_letters = len(_letters(data.decode(_LATIN[0], "ignore"))) < _MIN_OTHER_LETTERS
    from charset_normalizer import from_bytes

    if few_letters or high_bytes < ascii_letters:
        # The first of the Latin encodings, unless a language fits another one better.
        matches = from_bytes(data, cp_isolation=[*_LATIN], threshold=1.0)
        coherence = {name: match.coherence for match in matches for name in match.could_be_from_charset}
        return max(_LATIN, key=lambda name: coherence.get(name, -1.0))
    match = from_bytes(data, cp_isolation=[*_OTHER_SCRIPTS]).best()
    return match.encoding if match else _LATIN[0]


def _letters(text: str) -> list[str]:
    """Return the letters that are not ASCII."""
    return [match[0] for match in islice(_LETTER.finditer(text), _MAX_LETTERS)]
