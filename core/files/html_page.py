"""A page in one HTML file that needs nothing else: its policy lets it load nothing but what is in it."""

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path

_STYLE = Path(__file__).parent / "html_page.css"


def html_page(title: str, body: str, style: Path, script: Path | None = None, *, images: bool = False) -> str:
    """Return *body*, which is HTML, as a page with the styles that all of them have, and its own *style*.

    The policy allows its script and styles by their hash, and *images* only if they are in the page.
    """
    css = _text(_STYLE) + _text(style)
    source = _text(script) if script else ""
    policy = (
        f"default-src 'none'; style-src {_hash(css)}; {f'script-src {_hash(source)}; ' if source else ''}"
        f"{'img-src data:; ' if images else ''}base-uri 'none'; form-action 'none'"
    )
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{css}</style></head>"
        f"<body><main>{body}</main>{f'<script>{source}</script>' if source else ''}</body></html>\n"
    )
    # Half a surrogate pair cannot be written to a file.
    return page.encode("utf-8", "replace").decode()


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
