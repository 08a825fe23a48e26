"""What a web page says that a server sent instead of JSON."""

import re
from html import unescape

# Pages begin with comments too: a licence, a note of a gateway.
_BEGINNING = re.compile(r"\s*<(?:!doctype html|html|head|body|\?xml|!--)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG_NAME = re.compile(r"/?[a-z]+")
_INVISIBLE = frozenset({"noscript", "script", "style", "template"})
_MAX_SUMMARY = 200


def is_web_page(text: str) -> bool:
    """Return whether *text* is HTML or XML."""
    return _BEGINNING.match(text) is not None


def summarise_page(page: str) -> str:
    """Return the title of *page*, else the beginning of its visible text; empty if it has neither.

    No parser: it takes linear time for any text, and an incomplete page is no error.
    """
    title, texts, invisible = "", [], ""
    for part in _COMMENT.sub("", page).split("<")[1:]:
        tag, _, text = part.partition(">")
        match = _TAG_NAME.match(tag.lower())
        name = match[0] if match else ""
        if invisible:
            if name == f"/{invisible}":
                invisible = ""
                texts.append(text)
        elif name in _INVISIBLE:
            invisible = name
        elif name == "title":
            title = title or text
        else:
            texts.append(text)
    words = unescape(title).split() or unescape(" ".join(texts)).split()
    return " ".join(words)[:_MAX_SUMMARY]
