"""Replies of a requested length: counting, and facts about numbers."""

import math
import re
from collections.abc import Iterator
from itertools import count

from core.sandbox.api.tokenizer import decode_pieces, encode
from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.prompt import ChatPrompt

_COUNT = re.compile(
    r"\bcount\s+(?:from\s+(?P<first>\d{1,6})\s+)?(?:up\s+)?to\s+(?P<last>\d{1,6})\b"
    r"|(?P<ko>\d{1,6})\s*까지\s*(?:세|숫자)",
    re.I,
)
_WRITE = re.compile(
    r"\b(?:write|generate|produce|give me|output|print|stream)\b[^.\n]{0,40}?"
    r"\b(?P<n>\d{1,6}|\d{1,3},\d{3})\s*[- ]?(?P<unit>tokens?|words?)\b"
    r"|(?P<ko>\d{1,6})\s*(?P<unit_ko>토큰|단어)(?:을|를|로|짜리)?\s*(?:써|쓰|작성|출력|생성|만들)",
    re.I,
)
_MAX_COUNT = 128_000
_NUMBERS_PER_LINE = 10


def write_long_text(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Count, or write the requested number of tokens or words; None if the question requests neither."""
    question = prompt.question[:400]
    if match := _COUNT.search(question):
        first, last = int(match["first"] or 1), int(match["last"] or match["ko"])
        last = min(last, first + _MAX_COUNT)
        step = 1 if last >= first else -1
        numbers = [str(number) for number in range(first, last + step, step)]
        starts = range(0, len(numbers), _NUMBERS_PER_LINE)
        lines = (", ".join(numbers[start : start + _NUMBERS_PER_LINE]) for start in starts)
        return Answer(",\n".join(lines), exact=True)
    match = _WRITE.search(question)
    if match is None:
        return None
    number = min(_MAX_COUNT, int((match["n"] or match["ko"]).replace(",", "")))
    unit = (match["unit"] or match["unit_ko"]).lower()
    if unit.startswith(("token", "토큰")):
        return Answer(_write_tokens(number, prompt.encoding, style), exact=True)
    return Answer(_write_words(number, style), exact=True)


def number_facts(style: Style) -> Iterator[str]:
    """Yield a line for each whole number from 2 on: its prime factors and the number of its divisors."""
    for number in count(2):
        factors = []
        rest, divisor = number, 2
        while divisor * divisor <= rest:
            while rest % divisor == 0:
                factors.append(divisor)
                rest //= divisor
            divisor += 1
        if rest > 1:
            factors.append(rest)
        if len(factors) == 1:
            yield style.language.localise(
                f"- **{number}** is prime.\n", f"- **{number}** 은(는) 소수입니다.\n"
            )
        else:
            product = " × ".join(str(factor) for factor in factors)
            divisors = math.prod(factors.count(factor) + 1 for factor in set(factors))
            yield style.language.localise(
                f"- {number} = {product}, which has {divisors} divisors.\n",
                f"- {number} = {product}, 약수는 {divisors}개입니다.\n",
            )


def _write_tokens(number: int, encoding: str, style: Style) -> str:
    tokens: list[int] = []
    for line in number_facts(style):
        if len(tokens) >= number:
            break
        tokens += encode(line, encoding)
    return "".join(piece.text for piece in decode_pieces(tokens[:number], encoding))


def _write_words(number: int, style: Style) -> str:
    lines: list[str] = []
    remaining = number
    for line in number_facts(style):
        if remaining <= 0:
            break
        words = line.split(" ")[:remaining]
        remaining -= len(words)
        lines.append(" ".join(words))
    return "".join(lines)
