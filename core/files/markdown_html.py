"""Markdown of models and people as HTML that is safe in a page: their text gets no markup of its own.

The same as in a transcript: no HTML, links only to the web and to mail addresses, and an image is a link,
because loading it would tell its server that, and what, somebody reads.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from core.files.math_syntax import add_math

# Characters. A longer text, such as a log, is shown as it is: many brackets would take too long to parse.
_MAX_LENGTH = 100_000
_ALLOWED_URL = re.compile(r"https?://|mailto:", re.IGNORECASE)
_CODE_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
_CJK = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_EMPHASIS = re.compile(r"(\*{1,2})(?![\s*])([^*\n]+?)(?<![\s*])\1(?!\*)")


def markdown_html(text: str) -> str:
    """Return *text* as HTML, of which nothing but the tags of Markdown is markup."""
    if len(text) > _MAX_LENGTH:
        return f'<pre tabindex="0">{escape(text)}</pre>\n'
    html: str = _parser().render(text)
    return html


@cache
def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "xhtmlOut": False}
    parser = MarkdownIt("commonmark", options, renderer_cls=_Renderer).enable(["table", "strikethrough"])
    parser.validateLink = _ALLOWED_URL.match  # type: ignore[method-assign,assignment]
    parser.inline.ruler.before("emphasis", "cjk_emphasis", _cjk_emphasis)
    add_math(parser)
    return parser


def _cjk_emphasis(state: StateInline, silent: bool) -> bool:
    """Parse emphasis beside Chinese, Japanese and Korean words, which have no space where Markdown wants one.

    `**"말"**은` is bold although punctuation is inside the asterisks and a letter outside.
    """
    match = _EMPHASIS.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    asterisks, text = match.groups()
    before, after = (
        state.src[max(match.start() - 1, 0) : match.start()],
        state.src[match.end() : match.end() + 1],
    )
    sides = (before, text[0]), (after, text[-1])
    if not any(_CJK.match(outside) and unicodedata.category(inside)[0] in "PS" for outside, inside in sides):
        return False
    if not silent:
        tag, end = "strong" if len(asterisks) == 2 else "em", state.posMax
        state.push(f"{tag}_open", tag, 1)
        state.pos, state.posMax = match.span(2)
        state.md.inline.tokenize(state)
        state.push(f"{tag}_close", tag, -1)
        state.posMax = end
    state.pos = match.end()
    return True


class _Renderer(RendererHTML):
    """Renders tokens; a method of the name of a token replaces the usual HTML."""

    def heading_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return f"<{_heading(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return f"</{_heading(tokens[idx])}>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return _link(str(tokens[idx].attrs["href"]))

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        url = str(tokens[idx].attrs["src"])
        text = self.renderInlineAsText(tokens[idx].children, options, env)
        return f"{_link(url)}{escape(text)} <code>{escape(url)}</code></a>"

    def fence(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        language = next(iter(tokens[idx].info.split()), "")
        caption = f"<figcaption>{escape(language)}</figcaption>" if _CODE_LANGUAGE.fullmatch(language) else ""
        return f"<figure>{caption}{_code(tokens[idx].content)}</figure>\n"

    def code_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return f"<figure>{_code(tokens[idx].content)}</figure>\n"

    def table_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'

    def table_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return _cell(tokens[idx])

    def td_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return _cell(tokens[idx])


def _heading(token: Token) -> str:
    # Below the title of the page and the author of the text.
    return f"h{min(int(token.tag[1]) + 2, 6)}"


def _link(url: str) -> str:
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">'


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


def _cell(token: Token) -> str:
    # A class, because the policy of a page does not allow the style attribute that the parser writes.
    alignment = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="{alignment}">' if alignment else f"<{token.tag}>"
