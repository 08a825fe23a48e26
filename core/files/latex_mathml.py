r"""Formulas of LaTeX as MathML, which browsers draw without a script. It has what models write most often.

The library latex2mathml (3.81) does not escape what is in `\text`, untrusted here, and has no `aligned`.
"""

import re
import unicodedata
from html import escape

from core.files.latex_symbols import ACCENTS, ALPHABETS, LARGE, OPERATORS, SYMBOLS, styled_letter

_TOKEN = re.compile(
    r"\\(?:text(?:rm|bf|it)?|mathrm|operatorname)\s*\{[^{}\\]*\}"  # whose spaces count
    r"|\\(?:begin|end)\{[a-z]+\*?\}"
    r"|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S"
)
_TEXT = re.compile(r"\\[a-z]+\s*\{([^{}\\]*)\}")
_IGNORED = {rf"\{name}" for name in ("limits", "nolimits", "displaystyle", "textstyle", "big", "Big", "bigg")}
_IGNORED |= {rf"\{name}" for name in ("bigl", "bigr", "Bigl", "Bigr", "nonumber")}
_CHARACTERS = {"-": "−", "'": "′", "*": "∗"}
# The delimiters around the rows of an environment.
_ENVIRONMENTS = {"matrix": "", "pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "cases": "{"}
_ENVIRONMENTS |= {"aligned": "", "align": "", "align*": "", "gathered": ""}
_RESERVED = ("}", "&", "^", "_", r"\\")
_MAX_DEPTH = 30


class UnsupportedFormulaError(ValueError):
    """The formula is not complete, or has a command that is not in the tables."""


def latex_to_mathml(latex: str, *, block: bool) -> str:
    """Return *latex*, without its delimiters, as a `math` element. Raises UnsupportedFormulaError."""
    body = _FormulaParser(latex).formula()
    display = ' display="block"' if block else ""
    source = f'<annotation encoding="application/x-tex">{escape(latex)}</annotation>'
    return f"<math{display}><semantics><mrow>{body}</mrow>{source}</semantics></math>"


class _FormulaParser:
    """Reads the tokens of a formula from left to right; a method returns the MathML of what it has read."""

    def __init__(self, latex: str) -> None:
        self._tokens = [token for token in _TOKEN.findall(latex) if token not in _IGNORED]
        self._position = 0
        self._depth = 0

    def formula(self) -> str:
        parts = []
        while self._next:
            parts.append(self._item())
        return "".join(parts)

    @property
    def _next(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next
        if not token:
            raise UnsupportedFormulaError("It is not complete.")
        self._position += 1
        return token

    def _row(self, end: str) -> str:
        parts = []
        while self._next != end:
            parts.append(self._item())
        self._take()
        return "".join(parts)

    def _item(self) -> str:
        """Read an atom with its subscript and superscript."""
        is_large = self._next[1:] in LARGE
        base = self._atom()
        scripts: dict[str, str] = {}
        while self._next in ("_", "^"):
            mark = self._take()
            if mark in scripts:
                raise UnsupportedFormulaError("It has two scripts at one place.")
            scripts[mark] = self._atom()
        if not scripts:
            return base
        below, above, both = ("munder", "mover", "munderover") if is_large else ("msub", "msup", "msubsup")
        tag = both if len(scripts) == 2 else below if "_" in scripts else above
        return f"<{tag}>{base}{scripts.get('_', '')}{scripts.get('^', '')}</{tag}>"

    def _atom(self) -> str:
        """Read one element: a character, a group or a command with its arguments."""
        token = self._take()
        self._depth += 1
        if self._depth > _MAX_DEPTH or token in _RESERVED or token.startswith(r"\end{"):
            raise UnsupportedFormulaError(token)
        if token == "{":
            element = f"<mrow>{self._row('}')}</mrow>"
        elif text := _TEXT.fullmatch(token):
            element = self._environment(text[1]) if token.startswith(r"\begin") else _text(text[1])
        elif token[0] == "\\":
            element = self._command(token[1:])
        else:
            element = _character(token)
        self._depth -= 1
        return element

    def _command(self, name: str) -> str:
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in ("frac", "dfrac", "tfrac"):
            return f"<mfrac>{self._atom()}{self._atom()}</mfrac>"
        if name == "sqrt":
            return self._root()
        if name == "left":
            opening, content, closing = self._delimiter(), self._row(r"\right"), self._delimiter()
            return f"<mrow>{opening}{content}{closing}</mrow>"
        if name in ACCENTS:
            return f'<mover accent="true">{self._atom()}<mo>{ACCENTS[name]}</mo></mover>'
        if name in ALPHABETS:
            return self._letters(name)
        raise UnsupportedFormulaError(name)

    def _root(self) -> str:
        if self._next != "[":
            return f"<msqrt>{self._atom()}</msqrt>"
        self._take()
        degree = self._row("]")
        return f"<mroot>{self._atom()}<mrow>{degree}</mrow></mroot>"

    def _delimiter(self) -> str:
        token = self._take()
        symbol = OPERATORS.get(token[1:], "") if token[0] == "\\" else token
        if token == ".":
            return ""
        if not symbol:
            raise UnsupportedFormulaError(token)
        return _fence(symbol)

    def _letters(self, alphabet: str) -> str:
        letters = [self._take()]
        if letters == ["{"]:
            letters.clear()
            while self._next != "}":
                letters.append(self._take())
            self._take()
        if not all(len(letter) == 1 and letter.isascii() and letter.isalpha() for letter in letters):
            raise UnsupportedFormulaError(alphabet)
        return f"<mi>{''.join(styled_letter(alphabet, letter) for letter in letters)}</mi>"

    def _environment(self, name: str) -> str:
        if name not in _ENVIRONMENTS:
            raise UnsupportedFormulaError(name)
        rows = [[""]]
        while self._next != rf"\end{{{name}}}":
            if self._next == "&":
                self._take()
                rows[-1].append("")
            elif self._next == r"\\":
                self._take()
                rows.append([""])
            else:
                rows[-1][-1] += self._item()
        self._take()
        sides = {"cases": ("left", "left"), "aligned": ("right", "left"), "align": ("right", "left")}
        classes = sides.get(name.rstrip("*"), ("center", "center"))
        cells = (
            "".join(f'<mtd class="{classes[index % 2]}">{cell}</mtd>' for index, cell in enumerate(row))
            for row in rows
            if any(row)
        )
        display = ' displaystyle="true"' if "align" in name else ""
        table = f"<mtable{display}>{''.join(f'<mtr>{row}</mtr>' for row in cells)}</mtable>"
        opening, closing = (_fence(each.strip()) for each in f"{_ENVIRONMENTS[name]:2}")
        return f"<mrow>{opening}{table}{closing}</mrow>"


def _fence(symbol: str) -> str:
    return f'<mo stretchy="true">{escape(symbol)}</mo>' if symbol else ""


def _text(text: str) -> str:
    # Spaces at the ends would not be shown.
    return f"<mtext>{escape(text).replace(' ', chr(0xA0))}</mtext>"


def _character(token: str) -> str:
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if unicodedata.category(token)[0] == "L":
        return f"<mi>{escape(token)}</mi>"
    return f"<mo>{escape(_CHARACTERS.get(token, token))}</mo>"
