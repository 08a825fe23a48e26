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
# Facts about numbers are no text about the sea, and no essay.
_SUBJECT = re.compile(
    r"\b(?:about|on) (?!\d|numbers?\b|primes?\b)"
    r"|\b(?:essay|story|article|poem|letter|speech|e-?mail|report|post|song)\b"
    r"|대해|대한|관해|관한|이야기|에세이|소설|편지|기사|보고서",
    re.I,
)
_MIN_WITH_SUBJECT = 100
_MAX_COUNT = 128_000
_NUMBERS_PER_LINE = 10


def write_long_text(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Count, or write the requested number of tokens or words; None if the question requests neither.

    A text about a subject requires a language model. If it is to be long, the reply says so and has the
    requested length, because people ask for such a text to watch a long stream.
    """
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
    introduction = ""
    if _SUBJECT.search(question):
        if number < _MIN_WITH_SUBJECT:
            return None
        introduction = style.language.localise(
            "**Writing about a subject requires a language model**, and the sandbox has none. So that you "
            "can watch a long reply, it lists facts about numbers instead.\n\n",
            "**주제에 대해 글을 쓰려면 언어 모델이 필요한데**, 샌드박스에는 없습니다. 긴 답을 지켜볼 수 "
            "있도록 대신 숫자에 대한 사실을 적습니다.\n\n",
        )
    unit = (match["unit"] or match["unit_ko"]).lower()
    write = _write_tokens if unit.startswith(("token", "토큰")) else _write_words
    return Answer(write(number, introduction, prompt.encoding, style), exact=True)


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


def _write_tokens(number: int, introduction: str, encoding: str, style: Style) -> str:
    tokens = encode(introduction, encoding)
    for line in number_facts(style):
        if len(tokens) >= number:
            break
        tokens += encode(line, encoding)
    return "".join(piece.text for piece in decode_pieces(tokens[:number], encoding))


def _write_words(number: int, introduction: str, _encoding: str, style: Style) -> str:
    lines = [introduction]
    remaining = number - len(introduction.split())
    for line in number_facts(style):
        if remaining <= 0:
            break
        words = line.split(" ")[:remaining]
        remaining -= len(words)
        lines.append(" ".join(words))
    return "".join(lines)
