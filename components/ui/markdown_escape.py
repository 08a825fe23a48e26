"""Escaping of untrusted text for Streamlit's Markdown."""

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_DIRECTIVE_COLON = re.compile(r":(?=[a-z])", re.IGNORECASE)
_WORD_JOINER = "\N{WORD JOINER}"


def escape_markdown(text: str) -> str:
    """Return *text* on one line, with everything escaped that Markdown or Streamlit could read as markup."""
    one_line = " ".join(text.split())
    # Streamlit looks for `:material/home:` after Markdown has removed the backslashes, so that colon needs an
    # invisible character after it.
    return _PUNCTUATION.sub(r"\\\1", _DIRECTIVE_COLON.sub(f":{_WORD_JOINER}", one_line))
