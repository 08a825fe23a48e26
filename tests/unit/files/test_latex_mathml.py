"""Formulas of LaTeX as MathML."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.latex_mathml import UnsupportedFormulaError, latex_to_mathml
from core.files.latex_symbols import ACCENTS, ALPHABETS, SYMBOLS

TAGS = {
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
}
TAGS |= {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"}
# How many elements each of these has.
SIZES = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
COMMANDS = [
    rf"\{name} " for name in (*SYMBOLS, *ACCENTS, *ALPHABETS, "frac", "sqrt", "left(", "right)", "unknown")
]
COMMANDS += [*"{}[]_^&<>xy12+-='", r"\\", r"\text{a < b}", r"\begin{cases}", r"\end{cases}", r"\begin{x}"]


def math(latex: str) -> str:
    """Return the MathML of *latex* without what surrounds every formula."""
    return (
        latex_to_mathml(latex, block=False)
        .partition("<semantics><mrow>")[2]
        .partition("</mrow><annotation")[0]
    )


def shown_text(latex: str) -> str:
    return "".join(re.findall(r">([^<]+)<", math(latex)))


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        ("x", "<mi>x</mi>"),
        ("12.5", "<mn>12.5</mn>"),
        ("-", "<mo>−</mo>"),
        ("<", "<mo>&lt;</mo>"),
        ("x_1", "<msub><mi>x</mi><mn>1</mn></msub>"),
        ("x^2_i", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("{ab}^c", "<msup><mrow><mi>a</mi><mi>b</mi></mrow><mi>c</mi></msup>"),
        (r"\sqrt{x}", "<msqrt><mrow><mi>x</mi></mrow></msqrt>"),
        (r"\sqrt[3]x", "<mroot><mi>x</mi><mrow><mn>3</mn></mrow></mroot>"),
        (r"\sum_i", '<munder><mo movablelimits="true">∑</mo><mi>i</mi></munder>'),
        (r"\alpha\leq\beta", "<mi>α</mi><mo>≤</mo><mi>β</mi>"),
        (r"\hat y", '<mover accent="true"><mi>y</mi><mo>^</mo></mover>'),
        (r"\mathbb{RE}", "<mi>ℝ𝔼</mi>"),
        (r"\mathcal L", "<mi>ℒ</mi>"),
        (r"\text{if } x", "<mtext>if\N{NO-BREAK SPACE}</mtext><mi>x</mi>"),
        (r"\left( x \right.", '<mrow><mo stretchy="true">(</mo><mi>x</mi></mrow>'),
        (
            r"\begin{matrix} a & b \\ c \end{matrix}",
            '<mrow><mtable><mtr><mtd class="center"><mi>a</mi></mtd><mtd class="center"><mi>b</mi></mtd>'
            '</mtr><mtr><mtd class="center"><mi>c</mi></mtd></mtr></mtable></mrow>',
        ),
    ],
)
def test_writes_mathml(latex: str, mathml: str) -> None:
    assert math(latex) == mathml


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"p_i = e^{x_i} / \sum_j e^{x_j}", "pi=exi/∑jexj"),
        (r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", "x=−b±b2−4ac2a"),
        (r"\begin{cases} 1 & \text{if } x < 0 \\ 0 & \text{else} \end{cases}", "{1if\xa0x&lt;00else"),
        (r"\int_0^\infty e^{-x}\,dx", "∫0∞e−xdx"),
        (r"\nabla_\theta \log \pi_\theta(a_t \mid s_t)", "∇θlogπθ(at∣st)"),
    ],
)
def test_shows_everything_in_its_order(latex: str, text: str) -> None:
    assert shown_text(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        r"\unknown",
        r"\href{javascript:alert(1)}{x}",
        "{x",
        "x}",
        "x^",
        "x_1_2",
        r"\frac{1}",
        r"\left( x",
        r"\right)",
        r"\begin{tikz}x\end{tikz}",
        r"\begin{cases}x",
        r"\end{cases}",
        "a & b",
        r"a \\ b",
        r"\mathbb{1}",
        "{" * 40 + "}" * 40,
        r"\hat" * 2_000 + "x",
    ],
)
def test_refuses_what_it_does_not_support(latex: str) -> None:
    with pytest.raises(UnsupportedFormulaError):
        latex_to_mathml(latex, block=True)


@given(st.lists(st.sampled_from(COMMANDS), max_size=25).map("".join) | st.text(max_size=30))
def test_writes_well_formed_mathml_or_refuses(latex: str) -> None:
    try:
        html = latex_to_mathml(latex, block=True)
    except UnsupportedFormulaError:
        return
    # XML has no control characters, which HTML allows.
    for element in ElementTree.fromstring(re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", html)).iter():
        assert element.tag in TAGS
        assert len(element) == SIZES.get(element.tag, len(element))
