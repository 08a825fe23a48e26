"""A text to extract values from: its labels, sentences, and the names, dates and amounts in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from core.sandbox.replies.calculation.quantities import parse_number
from core.sandbox.replies.extraction.answer_types import MONEY
from core.sandbox.replies.extraction.people import find_people
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.language.matching import words_of
from core.sandbox.replies.language.sentences import load_words, split_sentences
from core.sandbox.structured.dates import DateMention, find_date_mentions
from core.sandbox.structured.kinds import find_kind, split_name

_LABEL = re.compile(
    r"^[ \t>*•#-]{0,12}(?:\d+[.)]\s+)?(?P<label>[^:：|=\n,.]{1,40}?)[ \t*_]*[:：][ \t*_]+(?P<value>\S.*)$"
    r"|^[ \t>*•-]{0,12}(?P<ko>[가-힣A-Za-z ]{1,20})[:：](?P<after>[^\s/].*)$",
    re.M,
)
# Several labels on one line: "Name: Kim, Phone: 010-1234-5678".
_NEXT_LABEL = re.compile(r"(?:[,;/|]\s*|\s{2,})(?=[A-Za-z가-힣][A-Za-z가-힣 ]{0,20}[:：]\s)")
# Within a sentence or after one: "Weekly sync, topic: launch of the app. We decided ...".
_INLINE_LABEL = re.compile(
    r"(?<=[.!?,;] )(?P<label>[A-Za-z가-힣][A-Za-z가-힣 ]{0,20})[:：]\s+(?P<value>[^\n]+?)(?=[.!?](?:\s"
    r"|$)|$)",
    re.M,
)
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+(?P<marked>.+?)|\[(?P<bracket>[^\]\n]{1,60})\]"
    r"|(?P<label>[^\s:：][^:：\n]{0,40})[:：])\s*$"
)
_NO_HEADING = re.compile(r"[.!?。]$|다$|[:：]\s|[,，]$|@")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.)])\s+(?P<text>\S.*)$")
_MONEY = re.compile(rf"(?=[$€£¥₩\d])(?:{MONEY})", re.I)
_ORGANIZATION = re.compile(
    r"\b(?:[A-Z][\w&'.-]*\s+){0,4}(?:Inc|Corp|Corporation|Ltd|LLC|GmbH|Co|Company|University"
    r"|College|Bank|Group|Institute"
    r"|Energy|Analytics|Textiles|Foods|Pharma|Media|Capital|Holdings|Networks|Software|Consulting"
    r"|AB|AG|SA|BV|Oy|PLC|SE|Hospital|Foundation|Association|Agency|Ministry|Electronics|Motors"
    r"|Airlines|Press|Times"
    r"|Supplies|Systems|Solutions"
    r"|Technologies|Labs|Studio|Studios|Partners|Industries|Services|Store|Hotel)\b\.?"
    r"|(?:\(주\)|㈜|주식회사 ?)[가-힣A-Za-z0-9]+|[가-힣A-Za-z0-9]+(?:\(주\)|㈜| 주식회사)"
    r"|[가-힣A-Z]{1,8}(?:전자|은행|증권|보험|대학교|대학|그룹|연구원|연구소|건설|화학|통신|제약"
    r"|병원|협회|재단|공사|신문|일보"
    r"|방송|상사|물산|산업|테크|소프트|시스템즈|백화점|항공|자동차|중공업|상회|문구"
    r"|식품)(?=[가-힣]{0,2}(?:\s|[.,)]|$))"
)
_ABBREVIATED = re.compile(r"\b(?:Inc|Corp|Ltd|Co)\.$")
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])")
# A Korean name at the beginning of a line, before a comma or nothing: as in a signature.
_KOREAN_NAME_LINE = re.compile(
    rf"^(?P<name>[{''.join(sorted(load_words('korean surnames of one syllable')))}][가-힣]{{2}})"
    r"(?=[ \t]*(?:[,(<]|$))",
    re.M,
)
_CONTRACTION = re.compile(r"^(?:I'm|It's|He's|She's|That's)\s+")
_MAX_TEXT = 30_000
_MAX_SENTENCES = 300
_LONG_WORD = re.compile(r"\S{300,}")
_GAP = re.compile(r"\s{9,}")
_SCALE = {"million": 10**6, "billion": 10**9, "thousand": 1000, "m": 10**6, "k": 1000}


@dataclass(frozen=True, slots=True)
class Label:
    """A label in the text with its value, and the kind of value that it names."""

    name: str
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money, as written and as a number."""

    text: str
    value: Fraction
    start: int


@dataclass(frozen=True)
class Document:
    """The text of a request."""

    text: str
    answer_question: Callable[[], str] | None = None

    @cached_property
    def answer(self) -> str:
        """The reply to the request, if the request is a question instead of a text."""
        return self.answer_question() if self.answer_question else ""

    @cached_property
    def language(self) -> Language:
        return detect_language(self.text)

    @cached_property
    def sentences(self) -> list[str]:
        return split_sentences(self.text)

    @cached_property
    def sentence_words(self) -> list[list[str]]:
        """The words to compare of each of the first sentences."""
        return [words_of(sentence) for sentence in self.sentences[:_MAX_SENTENCES]]

    @cached_property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    @cached_property
    def heading(self) -> str:
        """The first line, if it is a title above a text."""
        if len(self.lines) < 2 or len(self.lines[0]) > 120:
            return ""
        first = self.lines[0].lstrip("# ").strip("*_ ")
        is_above_text = len(first) < len(self.lines[1]) and not _NO_HEADING.search(first)
        return first if is_above_text or self.lines[0].startswith("#") else ""

    @cached_property
    def body(self) -> str:
        """The text without its heading."""
        return self.text.partition("\n")[2].strip() if self.heading else self.text

    @cached_property
    def labels(self) -> list[Label]:
        labels = []
        for match in _LABEL.finditer(self.text):
            name = match["label"] or match["ko"]
            value = match["value"] or match["after"]
            for part in _NEXT_LABEL.split(f"{name}: {value}"):
                part_name, _, part_value = re.sub("：", ":", part, count=1).partition(":")
                words = split_name(part_name.strip(" *_\"'"))
                labels.append(Label(words, part_value.strip(" *_\"'"), find_kind(words)))
        for match in _INLINE_LABEL.finditer(self.text):
            words = split_name(match["label"])
            labels.append(Label(words, match["value"].strip(), find_kind(words)))
        return [label for label in labels if label.value]

    @cached_property
    def people(self) -> list[str]:
        alone = [match["name"] for match in _KOREAN_NAME_LINE.finditer(self.text)]
        names = (_CONTRACTION.sub("", name) for name in (*alone, *find_people(self.text)))
        organizations = set(self.organizations)
        return list(dict.fromkeys(name for name in names if name and name not in organizations))

    @cached_property
    def organizations(self) -> list[str]:
        names = (match.group().strip() for match in _ORGANIZATION.finditer(self.text))
        # The full stop of "Ltd." is a part of the name, that of a sentence is not.
        names = (name if _ABBREVIATED.search(name) else name.rstrip(".") for name in names)
        return list(dict.fromkeys(names))

    @cached_property
    def dates(self) -> list[DateMention]:
        return find_date_mentions(self.text)

    @cached_property
    def day(self) -> date | None:
        """The first full date of the text."""
        return next((mention.day for mention in self.dates if mention.day), None)

    @cached_property
    def amounts(self) -> list[Amount]:
        return [
            Amount(match.group().strip(), parse_amount(match.group()), match.start())
            for match in _MONEY.finditer(self.text)
            if re.search(r"\d", match.group())
        ]

    @cached_property
    def blocks(self) -> list[tuple[str, list[str]]]:
        """The lines below each heading, with the heading; the lines before the first have an empty one."""
        result: list[tuple[str, list[str]]] = [("", [])]
        for line in self.text.splitlines():
            if not line.strip():
                continue
            if match := _HEADING.match(line):
                heading = match["marked"] or match["bracket"] or match["label"]
                result.append((split_name(heading), []))
            else:
                result[-1][1].append(line)
        return [block for block in result if block[1]]

    def find(self, finder: Callable[[str], list[str]]) -> list[str]:
        return list(dict.fromkeys(finder(self.text)))


def bounded_text(text: str) -> str:
    """Return the beginning of *text* without very long words and gaps.

    They are no values, and patterns such as "a word before a number" would take quadratic time for them.
    """
    text = _GAP.sub(lambda match: match.group()[:8], text[:_MAX_TEXT])
    return _LONG_WORD.sub("", text)


def bullet_text(line: str) -> str | None:
    """Return the text of a line of a list, None for another line."""
    match = _BULLET.match(line)
    return match["text"].strip() if match else None


def parse_amount(text: str) -> Fraction:
    """Return the number of an amount of money, such as `$1.5 million` or `3만 5천원`."""
    digits = re.sub(r"[^\d.,억만천백]", "", text).strip(".,")
    value = parse_number(digits) if digits else Fraction(0)
    scale = re.search(r"(?<=\d)\s?(million|billion|thousand|[mk])\b", text, re.I)
    return value * _SCALE[scale[1].lower()] if scale else value


def find_numbers(text: str) -> list[Fraction]:
    """Return the numbers in *text*, without those that are parts of dates, codes and phone numbers."""
    return [Fraction(match.group().replace(",", "")) for match in _NUMBER.finditer(text)]
