"""Escape text for spreadsheets, which run some of it as formulas."""

import re

# What a spreadsheet reads as the start of a formula, also after blanks, byte order marks and quotes, and in
# full-width characters; a tab or line break would start another cell. A text that starts like an escaped one
# is escaped too, so that each can be read back.
_FORMULA = re.compile(r"[\s\ufeff\u200b\"']*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")


def escape_cell(text: str) -> str:
    """Return *text* with a leading apostrophe if a spreadsheet would run it; numbers stay unchanged."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text.strip()):
        return f"'{text}"
    return text


def unescape_cell(text: str) -> str:
    """Return the text that `escape_cell` wrote as *text*."""
    original = text.removeprefix("'")
    return original if escape_cell(original) == text else text
