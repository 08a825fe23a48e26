r"""Formulas in Markdown, `\(x_1\)`, `\[x\]`, `$x$` and `$$x$$`, as MathML; what that lacks stays LaTeX."""

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from core.files.latex_mathml import UnsupportedFormulaError, latex_to_mathml

# Limited, because a text may open thousands of formulas and close none.
_INLINE = re.compile(
    r"\\\(.{1,1000}?\\\)|\\\[.{1,1000}?\\\]|\$\$[^$]{1,1000}\$\$"
    # Amounts are no formula, as in "$5 or $10" and "$5, 10$": it is a letter, or has what formulas have.
    r"|(?<![\w$])\$(?:[A-Za-z]|(?=[^$\n]{0,500}[\\^_=])[^\s$][^$\n]{0,500}(?<![\s\\]))\$(?![\w$])",
    re.DOTALL,
)
_CLOSING = {"$$": "$$", r"\[": r"\]"}
_MAX_LINES = 50


def add_math(parser: MarkdownIt) -> None:
    """Make *parser* draw formulas."""
    interrupted: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.inline.ruler.before("escape", "math_inline", _inline)
    parser.block.ruler.before("fence", "math_block", _block, interrupted)
    parser.add_render_rule("math_inline", _render_inline)
    parser.add_render_rule("math_block", _render_block)


def _inline(state: StateInline, silent: bool) -> bool:
    match = _INLINE.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("math_inline", "code", 0).content = match[0]
    state.pos = match.end()
    return True


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    begin = state.bMarks[start_line] + state.tShift[start_line]
    closing = _CLOSING.get(state.src[begin : begin + 2])
    if closing is None or state.is_code_block(start_line):
        return False
    for line in range(start_line, min(end_line, start_line + _MAX_LINES)):
        first = begin + 2 if line == start_line else state.bMarks[line]
        if not state.src[first : state.eMarks[line]].rstrip().endswith(closing):
            continue
        if not silent:
            token = state.push("math_block", "pre", 0)
            token.content = state.getLines(start_line, line + 1, state.sCount[start_line], False).strip()
            token.map = [start_line, line + 1]
        state.line = line + 1
        return True
    return False


def _render_inline(
    _renderer: RendererHTML, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType
) -> str:
    formula = tokens[idx].content
    try:
        return latex_to_mathml(_without_delimiters(formula), block=False)
    except UnsupportedFormulaError:
        return f'<code class="math">{escape(formula)}</code>'


def _render_block(
    _renderer: RendererHTML, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType
) -> str:
    formula = tokens[idx].content
    try:
        math = latex_to_mathml(_without_delimiters(formula), block=True)
        return f'<div class="math" tabindex="0" role="group" aria-label="Formula">{math}</div>\n'
    except UnsupportedFormulaError:
        return f'<pre class="math" tabindex="0">{escape(formula)}</pre>\n'


def _without_delimiters(formula: str) -> str:
    size = 2 if formula[0] == "\\" or formula.startswith("$$") else 1
    return formula[size:-size].strip()
