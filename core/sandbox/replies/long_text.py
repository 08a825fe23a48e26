"""Replies of a length that was asked for: counting, and pages of computed facts."""

import re
from collections.abc import Iterator
from itertools import count

from core.sandbox.api.tokenizer import decode_pieces, encode
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_COUNT = re.compile(
    r"\bcount\s+(?:from\s+(?P<first>\d{1,6})\s+)?(?:up\s+)?to\s+(?P<last>\d{1,6})\b|(?P<ko>\d{1,6})\s*까지\s*(?:세|숫자)",
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


def write_long_text(prompt: ChatPrompt, style: Style) -> str | None:
    """Count, or fill as many tokens or words as asked for; None if no length was."""
    question = prompt.question[:400]
    counting = _COUNT.search(question)
    if counting:
        first, last = int(counting["first"] or 1), int(counting["last"] or counting["ko"])
        return _count(first, min(last, first + _MAX_COUNT))
    asked = _WRITE.search(question)
    if asked is None:
        return None
    number = min(_MAX_COUNT, int((asked["n"] or asked["ko"]).replace(",", "")))
    return _tokens(number, prompt.encoding, style) if _counts_tokens(asked) else _words(number, style)


def _counts_tokens(asked: re.Match[str]) -> bool:
    return (asked["unit"] or asked["unit_ko"]).lower().startswith(("token", "토큰"))


def _count(first: int, last: int) -> str:
    step = 1 if last >= first else -1
    numbers = [str(number) for number in range(first, last + step, step)]
    lines = [
        ", ".join(numbers[at : at + _NUMBERS_PER_LINE]) for at in range(0, len(numbers), _NUMBERS_PER_LINE)
    ]
    return ",\n".join(lines)


def number_facts(style: Style) -> Iterator[str]:
    """Yield a line on each whole number from 2 on: its factors and how many divisors they make."""
    for number in count(2):
        factors = _factors(number)
        shown = " × ".join(str(factor) for factor in factors)
        if len(factors) == 1:
            yield style.language.localise(
                f"- **{number}** is prime.\n", f"- **{number}** 은(는) 소수입니다.\n"
            )
        else:
            divisors = _divisors(factors)
            yield style.language.localise(
                f"- {number} = {shown}, which has {divisors} divisors.\n",
                f"- {number} = {shown}, 약수는 {divisors}개입니다.\n",
            )


def _tokens(number: int, encoding: str, style: Style) -> str:
    found: list[int] = []
    for line in number_facts(style):
        if len(found) >= number:
            break
        found += encode(line, encoding)
    return "".join(piece.text for piece in decode_pieces(found[:number], encoding))


def _words(number: int, style: Style) -> str:
    found: list[str] = []
    held = 0
    for line in number_facts(style):
        if held >= number:
            break
        words = line.split(" ")[: number - held]
        held += len(words)
        found.append(" ".join(words))
    return "".join(found)


def _factors(number: int) -> list[int]:
    found, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return found + ([number] if number > 1 else [])


def _divisors(factors: list[int]) -> int:
    total = 1
    for factor in set(factors):
        total *= factors.count(factor) + 1
    return total
