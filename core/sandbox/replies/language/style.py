"""The requested form of a reply: language, list, length, JSON."""

import json
import re
from dataclasses import dataclass

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.detection import Language, detect_language, requested_language
from core.sandbox.replies.language.number_words import ENGLISH_NUMBERS, KOREAN_NUMBERS
from core.sandbox.replies.language.sentences import split_blocks, split_sentences
from core.sandbox.replies.prompt import ChatPrompt

_NUMBERS = {**ENGLISH_NUMBERS, **KOREAN_NUMBERS, "a": 1, "single": 1}
_NUMBER = rf"(\d{{1,4}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_BULLETS = re.compile(
    rf"(?:\b{_NUMBER}\s+)?(?:short\s+)?\b(?:bullets?|bullet points?)\b"
    # Not the name of one item, such as "항목 1".
    rf"|(?:{_NUMBER}\s*)?(?:개의?\s*)?(?:불릿|글머리표?|항목(?!\s*\d+(?!\d|\s*개)))(?:\s*{_NUMBER}\s*개)?",
    re.I,
)
_SENTENCES = re.compile(rf"\b{_NUMBER}\s+(?:short\s+)?sentences?\b|{_NUMBER}\s*문장", re.I)
_WORDS = re.compile(
    rf"(?:at most|under|within|no more than|max(?:imum of)?|in|fewer than|less than)\s+{_NUMBER}\s+words\b"
    rf"|{_NUMBER}\s*단어\s*(?:이내|이하|로)",
    re.I,
)
_BRIEF = re.compile(
    r"\b(?:brief(?:ly)?|concise(?:ly)?|short answers?|be short|keep it short|terse)\b|짧게|간단히|간결", re.I
)
_JSON = re.compile(
    r"\b(?:in|as|only|valid|return|respond with|output)\s+(?:valid\s+)?json\b|json\s*(?:으?로|만|형식)", re.I
)
_PART_OF_REPLY = re.compile(
    r"^\W*(?:first|then|next|finally|lastly|end with|start with|begin with|먼저|끝으로|마지막)", re.I
)
_ONE_WORD = re.compile(
    r"\b(?:in|with|only|just|exactly|using)?\s*(?:one|a single|1)[ -]word\b|\bone word only\b|(?:한"
    r"|1)\s*(?:단어|낱말)(?:로|만|으로)",
    re.I,
)
_UPPER = re.compile(
    r"\b(?:in |only )?(?:all )?(?:upper\s?case|capital letters|all caps|capitals)\b|대문자로", re.I
)
_LOWER = re.compile(r"\b(?:in |only )?(?:all )?lower\s?case\b|소문자로", re.I)
_NUMBER_ONLY = re.compile(
    r"\b(?:only|just) (?:the |a )?(?:number|figure|result)\b|\bnumber only\b|숫자만", re.I
)
_NUMBERED = re.compile(r"\bnumbered\b|\b(?:as|in) a list\b|번호(?:를)? ?(?:매|붙)|목록으로|리스트로", re.I)
_IS_NUMBERED = re.compile(r"\bnumbered\b|번호", re.I)
_LANGUAGE_ONLY = re.compile(
    r"\bonly (?:in )?(?:korean|english)\b|\b(?:korean|english) only\b|(?:한국어|한글|영어)로만", re.I
)
_FORMS = (
    _ONE_WORD,
    _UPPER,
    _LOWER,
    _NUMBER_ONLY,
    _LANGUAGE_ONLY,
    _JSON,
    _SENTENCES,
    _WORDS,
    _BULLETS,
    _NUMBERED,
    re.compile(
        r"\b(?:only|nothing else|brief|concise|short|from it|from (?:this|the))\b|짧게|간단|으로만|키는"
        r"|필드는",
        re.I,
    ),
)
_FORM = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            r"\b(?:as|in|into) (?:an? )?(?:short |numbered |bulleted )?list(?: of \w+(?: items)?)?",
            r"\b(?:in |with |using )?(?:exactly |at most |only )?(?:\w+ )?(?:short )?(?:sentences?"
            r"|bullets?(?: points?)?)\b(?= (?:when|what|who|where|how|why|which))",
            rf"\b(?:in|with|using) (?:exactly |at most |only |just )?{_NUMBER} (?:short )?(?:sentences?"
            rf"|bullets?(?: points?)?|words?)\b",
            r"\b(?:in|as|only) (?:valid )?json(?: with (?:the )?(?:keys?|fields?)[^.:\n]*)?",
            r"\b(?:in|only) (?:all )?(?:upper\s?case|lower\s?case|capital letters|korean|english)\b",
            r"(?:딱 |정확히 )?(?:\d+|한|두|세|네|다섯)\s?(?:문장|단어|낱말)(?:으로|로)(?:만)?",
            r"번호(?:를)? ?(?:매겨서?|붙여서?)|(?:\d+개 )?(?:목록|리스트)으?로|(?:대문자|소문자|한국어"
            r"|영어|한글)로만?|json(?:으로만?| 형식으로)",
        )
    ),
    re.I,
)
_FORM_SENTENCE = re.compile(
    r"^\W*(?:please |and )?(?:answer|reply|respond|return|output|use|write|keep it|only|just the|the keys?)\b"
    r"|답(?:해|하|변)|^\W*키는|^\W*필드는|숫자만|써\s?(?:줘|주세요)?[.!]?$|^\W*keys?:",
    re.I,
)
_ASKS_SOMETHING = re.compile(
    r"\b(?:what|who|whom|whose|when|where|why|how|which|is|are|does|do|did|count)\b|뭐|무엇|무슨|누가"
    r"|누구|언제|어디"
    r"|왜|얼마|몇|어떤|어느|어떻게",
    re.I,
)
_LATIN_IN_PARENTHESES = re.compile(r"\s?\([^()가-힣]*[A-Za-z][^()가-힣]*\)")
_UNLIMITED = 99


@dataclass(frozen=True, slots=True)
class Style:
    """The form of a reply. A count of 0 means that there is no limit."""

    language: Language = Language.ENGLISH
    bullets: int = 0
    sentences: int = 0
    words: int = 0
    as_json: bool = False
    one_word: bool = False
    number_only: bool = False
    case: str = ""
    list_items: int = 0
    numbered: bool = False
    one_language: bool = False

    @property
    def has_form(self) -> bool:
        """Whether the reply must have a form that a note at its end would spoil."""
        return any(
            (self.as_json, self.one_word, self.number_only, self.case, self.list_items, self.one_language)
        ) or bool(self.bullets or self.sentences or self.words)

    def bullets_or(self, default: int) -> int:
        """Return the requested number of bullets, or *default* if no number was requested."""
        return self.bullets if 0 < self.bullets < _UNLIMITED else default


def parse_style(prompt: ChatPrompt) -> Style:
    """Parse the style from the instructions and the question; the question takes precedence."""
    question = prompt.question
    if len(question) >= 600:
        # A long question contains a text to work on, and requests are at its start or its end.
        question = f"{question[:300]}\n{question[-300:]}"
    # "Begin with one sentence" is about a part of the reply, not about all of it.
    instructions = "\n".join(
        sentence for sentence in split_sentences(prompt.instructions) if not _PART_OF_REPLY.search(sentence)
    )
    requests = f"{instructions}\n{question}"
    language = (
        requested_language(question) or requested_language(prompt.instructions) or detect_language(question)
    )
    bullets = _last_number(_BULLETS, requests)
    brief = 3 if _BRIEF.search(requests) or prompt.verbosity == "low" else 0
    return Style(
        language=language,
        bullets=_UNLIMITED if bullets is None else bullets,
        sentences=0 if bullets != 0 else _last_number(_SENTENCES, requests) or brief,
        words=_last_number(_WORDS, requests) or 0,
        as_json=prompt.as_json or bool(_JSON.search(requests)),
        one_word=bool(_ONE_WORD.search(requests)),
        number_only=bool(_NUMBER_ONLY.search(requests)),
        case="upper" if _UPPER.search(requests) else "lower" if _LOWER.search(requests) else "",
        list_items=_UNLIMITED if _NUMBERED.search(requests) else 0,
        numbered=bool(_IS_NUMBERED.search(requests)),
        one_language=bool(_LANGUAGE_ONLY.search(requests) or requested_language(question)),
    )


def strip_form(question: str) -> str:
    """Return *question* without what it says about the form of the reply."""
    sentences = [sentence for sentence in split_sentences(question) if not is_form_sentence(sentence)]
    return " ".join(_FORM.sub(" ", sentence) for sentence in sentences).strip() or question


def is_form_sentence(sentence: str) -> bool:
    """Return whether *sentence* is only about the form of the reply."""
    if _ASKS_SOMETHING.search(sentence) or not _FORM_SENTENCE.search(sentence):
        return False
    return any(pattern.search(sentence) for pattern in _FORMS)


def apply_style(answer: Answer, style: Style) -> str | None:
    """Return *answer* in the form of *style*; None if it does not have that form."""
    if answer.exact and (not style.as_json or answer.text.startswith("{")):
        return answer.text
    if (style.one_word or style.number_only) and not style.as_json:
        text = answer.span or answer.plain or answer.text
        if style.number_only:
            numbers = re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)
            return numbers[0].rstrip(",") if len(numbers) == 1 else None
        text = text.strip(" *`.!")
        return _set_case(text, style) if len(text.split()) == 1 else None
    plain = answer.plain or strip_markdown(answer.text)
    if style.as_json:
        value = _truncate_words(plain, style.words)
        return json.dumps(
            {"answer": value, "language": style.language, "sandbox": True}, ensure_ascii=False, indent=2
        )
    return _set_case(_truncate_words(_form_text(answer, plain, style), style.words), style)


def strip_markdown(text: str) -> str:
    """Return the prose of *text* on one line, without code blocks, tables and list markers."""
    prose = [block for block in split_blocks(text) if not block.startswith(("```", "|"))]
    lines = [re.sub(r"^\s*(?:[-*>]|\d+\.)\s+", "", line) for block in prose for line in block.splitlines()]
    return " ".join(line.strip() for line in lines if line.strip())


def _form_text(answer: Answer, plain: str, style: Style) -> str:
    """Return *answer* as a list, in sentences, or in one language, as *style* asks."""
    if answer.items and (style.list_items or style.bullets):
        return _format_list(answer.items, style)
    if style.bullets:
        return _format_list(tuple(split_sentences(plain)), style)
    if style.sentences:
        return " ".join(split_sentences(plain)[: style.sentences])
    text = answer.plain or answer.text if style.case or style.one_language else answer.text
    if style.one_language and style.language is Language.KOREAN:
        return _LATIN_IN_PARENTHESES.sub("", text)
    return text


def _format_list(items: tuple[str, ...], style: Style) -> str:
    limit = style.bullets or style.list_items
    return "\n".join(
        f"{number}. {item}" if style.numbered else f"- {item}" for number, item in enumerate(items[:limit], 1)
    )


def _set_case(text: str, style: Style) -> str:
    if style.case == "upper":
        return text.upper()
    return text.lower() if style.case == "lower" else text


def _last_number(pattern: re.Pattern[str], text: str) -> int | None:
    """Return the number in the last match: 0 without a match, None if the match has no number."""
    matches = list(pattern.finditer(text))
    if not matches:
        return 0
    word = next((group.lower() for group in matches[-1].groups() if group), "")
    return int(word) if word.isdecimal() else _NUMBERS.get(word)


def _truncate_words(text: str, limit: int) -> str:
    """Truncate *text* to *limit* words; 0 means no limit."""
    words = text.split()
    if not limit or len(words) <= limit:
        return text
    return " ".join(words[:limit]).rstrip(",;:") + "…"
