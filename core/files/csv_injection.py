"""Texts of others in cells of a spreadsheet."""

import re

# What a spreadsheet takes for the start of a formula, also behind blanks, marks and quotes, and full width.
_FORMULA = re.compile(r"[\s\ufeff\u200b\"']*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")


def escape_cell(text: str) -> str:
    """Keep *text* from being run as a formula, by the apostrophe that makes it text; numbers stay."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text.strip()):
        return f"'{text}"
    return text
