"""Extraction from a text: all e-mail addresses, phone numbers, names, dates or prices, and lists."""

import re
from collections.abc import Callable
from functools import partial

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.extraction.answer_types import (
    EMAIL,
    PHONE,
    find_dates_as_written,
    find_prices,
    find_times,
)
from core.sandbox.replies.extraction.people import find_people
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.matching import matched_words, query_words
from core.sandbox.replies.language.number_words import ENGLISH_NUMBERS
from core.sandbox.replies.language.sentences import content_words, split_sentences
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.language.text_question import find_text_question
from core.sandbox.replies.prompt import ChatPrompt

_EXTRACT = re.compile(
    r"\b(?:extract|list|find|get|pull(?: out)?|pick(?: out)?|give(?: me)?|show(?: me)?|collect|which"
    r"|what are|all|every|name|mentioned|appear|what (?:dates|names|prices|people|times|amounts"
    r"|(?:phone )?numbers|e-?mails))\b"
    r"|뽑|추출|찾아|골라|모아|나열|알려|정리|전부|모두|다 |적어|목록",
    re.I,
)
_SINGULAR = re.compile(
    r"\b(?:what(?:'s| is| was)|whose|who|when|how)\b|뭐(?:야|예요|죠|지|니)|무엇(?:인|이)|누구|언제|얼마",
    re.I,
)


def _all(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group() for match in pattern.finditer(text)]


# Name of the field in a request, and what finds all its values in a text.
_FIELDS: tuple[tuple[re.Pattern[str], Callable[[str], list[str]], tuple[str, str]], ...] = (
    (
        re.compile(r"\be-?mails?\b(?: address(?:es)?)?|이메일|메일 ?주소", re.I),
        partial(_all, EMAIL),
        ("e-mail address", "이메일 주소"),
    ),
    (
        re.compile(r"\b(?:tele)?phone(?: numbers?)?\b|\bphones\b|전화 ?번호|연락처|휴대폰 ?번호", re.I),
        partial(_all, PHONE),
        ("phone number", "전화번호"),
    ),
    (
        re.compile(r"\b(?:names|people|persons?)\b|\bnamed\b|사람 ?이름|이름|인명|사람들?", re.I),
        find_people,
        ("name", "이름"),
    ),
    (re.compile(r"\bdates?\b|날짜|일자", re.I), find_dates_as_written, ("date", "날짜")),
    (re.compile(r"\b(?:times|times of day)\b|시각|시간대", re.I), find_times, ("time", "시각")),
    (
        re.compile(r"\b(?:prices?|amounts?|costs)\b|가격|금액|값", re.I),
        find_prices,
        ("price", "가격"),
    ),
)
_ENUMERATION = re.compile(
    r"(?P<en>[\w'’-]+(?: [\w'’-]+)?(?:, (?:and )?[\w'’-]+(?: [\w'’-]+)?)+,? (?:and"
    r"|or) [\w'’-]+(?: [\w'’-]+)?)"
    r"|(?P<ko>[가-힣A-Za-z0-9]+(?: [가-힣]+)?(?:\s*,\s*[가-힣A-Za-z0-9]+(?: [가-힣]+)?)+)"
)
_ITEM_COUNT = re.compile(
    r"\b(?:list of|top|first)\s+(?P<en>\d+|two|three|four|five|six)\b|(?P<ko>\d+)\s*(?:개|가지)"
)
_WANTS_LIST = re.compile(r"\blist\b|\bitems\b|목록|나열|리스트|번호(?:를)? ?(?:매|붙)", re.I)
_KOREAN_TAIL = re.compile(r"(?:입니다|이에요|예요|이다|이고|이며|등|을|를|이|가|과|와)$")


def extract_values(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Return all values of the kinds that the task names, or the list that it asks for."""
    text_question = find_text_question(prompt)
    if text_question is None or style.as_json:
        return None
    task = strip_form(text_question.question)
    fields = [(find, names) for pattern, find, names in _FIELDS if pattern.search(task)]
    wants_all = _EXTRACT.search(task) and not _SINGULAR.search(task)
    # Other words than those of fields: asked are the fields of someone or something, not all.
    rest = _SOURCE.sub(" ", task)
    for pattern, _, _ in _FIELDS:
        rest = pattern.sub(" ", rest)
    names_only_fields = all(map(_GENERIC.match, content_words(rest)))
    if fields and wants_all and names_only_fields:
        groups = [(list(dict.fromkeys(find(text_question.text))), names) for find, names in fields]
        return _format_groups(groups, style.language)
    if _WANTS_LIST.search(text_question.question):
        return _find_enumeration(task, text_question.question, text_question.text)
    return None


# Where to extract from: "from this sign-up sheet", "아래 글에서".
_SOURCE = re.compile(
    r"\b(?:from|in|on|of|out of) (?:this|the|that|my|these|following)\b[\w\s'-]*|[가-힣]+에서"
    r"|[가-힣]+에 (?:나온"
    r"|나오는|있는|적힌)",
    re.I,
)
_GENERIC = re.compile(
    r"^(?:extract\w*|find|get|pull|pick|show|collect|give|all|every|address\w*|number\w*|paragraph"
    r"|passage|article|note|notes|text|mention\w*|sign\w*|sheet|below|above|here|appear\w*|contain\w*"
    r"|pls|can|out|every|everyone|list|value\w*|document|message|mail|letter|occur\w*|there|all_values|only"
    r"|just|name\w*|person|people|bullet\w*)$"
    r"|^(?:아래|위|여기|나온|나오|있는|들어|본문|문장|문서|주소|번호|전부|모두|모든|다|만|만요|줘"
    r"|주세요|주실|부탁|드려요|드립니다|언급|등장|포함|적힌|뭐뭐|것|해|해줘"
    r"|사람|글|메시지|안내|공지|문자|뽑|추출|찾|골라|모아|나열|알려|정리|적어|목록|만$|들$|가능|좀)"
)


def _format_groups(groups: list[tuple[list[str], tuple[str, str]]], language: Language) -> Answer:
    lines: list[str] = []
    for values, names in groups:
        name = language.localise(*names)
        if not values:
            lines.append(language.localise(f"The text has no {name}.", f"글에 {name}이(가) 없습니다."))
        elif len(groups) > 1:
            lines.append(f"- {name}: {', '.join(values)}")
        else:
            lines += [f"- {value}" for value in values]
    all_values = tuple(value for values, _ in groups for value in values)
    return Answer(
        "\n".join(lines), ", ".join(all_values), all_values[0] if len(all_values) == 1 else "", all_values
    )


def _find_enumeration(task: str, request: str, text: str) -> Answer | None:
    """Return the items of the list in *text* that *task* names, of the requested length."""
    count_match = _ITEM_COUNT.search(request)
    number = 0
    if count_match:
        value = count_match["en"] or count_match["ko"]
        number = ENGLISH_NUMBERS.get(value) or int(value)
    candidates = []
    for sentence in split_sentences(text):
        for match in _ENUMERATION.finditer(sentence):
            items = _split_items(match)
            if not number or len(items) == number:
                candidates.append((matched_words(query_words(task), content_words(sentence)), items))
    if not candidates:
        return None
    score, items = max(candidates, key=lambda candidate: candidate[0])
    if len(candidates) > 1 and not score:
        return None
    return Answer("\n".join(f"- {item}" for item in items), ", ".join(items), "", tuple(items))


def _split_items(match: re.Match[str]) -> list[str]:
    items = [item.strip() for item in re.split(r",\s*(?:and |or )?|\s+(?:and|or)\s+", match.group())]
    if match["ko"]:
        # The first item follows its subject, and the last has the end of the sentence.
        items[0] = items[0].split()[-1]
        return [_KOREAN_TAIL.sub("", item) for item in items]
    first = items[0].split()
    if len(first) > 1 and (first[0].islower() or items[1][0].islower()) and len(items[1].split()) == 1:
        items[0] = first[-1]
    last = items[-1].split()
    if len(last) > 1 and len(items[1].split()) == 1:
        items[-1] = last[0]
    return items
