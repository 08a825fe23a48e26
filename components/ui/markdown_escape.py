"""Texts of others inside Streamlit's Markdown: as they are, on one line, and never as markup."""

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ICON = re.compile(r":(?=[a-z])", re.IGNORECASE)
_WORD_JOINER = "\N{WORD JOINER}"


def escape_markdown(text: str) -> str:
    """Escape all that Markdown or Streamlit's own directives could read as markup.

    Streamlit looks for `:material/home:` after Markdown has taken the escapes away, so those colons are
    parted from the word by a character without width.
    """
    return _PUNCTUATION.sub(r"\\\1", _ICON.sub(f":{_WORD_JOINER}", " ".join(text.split())))
