"""Texts for the fields of a schema: what a document has of each kind of value."""

import re
from collections.abc import Callable, Iterable
from itertools import chain

from core.sandbox.replies.extraction.answer_types import ANSWER_TYPES, EMAIL, PHONE
from core.sandbox.replies.language.detection import detect_language
from core.sandbox.replies.language.text_question import find_quotations
from core.sandbox.replies.texts.text_qa import summarise
from core.sandbox.structured.dates import DateMention, find_clock_times, find_date_mentions, find_durations
from core.sandbox.structured.document import Document
from core.sandbox.structured.entities import find_entities, find_time_zones
from core.sandbox.structured.keywords import find_keywords
from core.sandbox.structured.kinds import DATE_KINDS, MONEY_KINDS, find_kind, role_pattern
from core.sandbox.structured.question import FieldQuestion, find_labels, relevant_sentences
from core.sandbox.structured.sentiment import classify_sentiment, sentiment_name
from core.sandbox.structured.strings import find_matching_words

_URL = re.compile(r"\bhttps?://[^\s<>\"'()]+|\bwww\.[^\s<>\"'()]+")
_CODE = re.compile(r"(?<![\w@.])(?:[A-Z]{1,6}[-/]?\d[\w-]*|#\s?\d[\w-]*|\d{2,}-\d{2,}(?:-\d+)*)(?![\w@])")
_ADDRESS = re.compile(
    r"\b\d{1,5}\s+(?:[A-Z][\w.]*\s+){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr"
    r"|Boulevard|Blvd|Way|Square|Place)\b\.?"
    r"(?:,\s*[A-Z][\w ]+){0,3}"
    r"|[가-힣]+(?:특별시|광역시|특별자치시|시|도)\s[가-힣]+(?:시|군|구)(?:\s[가-힣]+(?:구|읍|면"
    r"|동))?\s[가-힣0-9]+(?:로|길|동)(?:\s?\d+(?:-\d+)?)?"
)
_DUE = re.compile(
    r"(?:\b(?:due|by|until|before|deadline|expires?)\b[^.\n]{0,20}|마감[^.\n]{0,10}|기한[^.\n]{0,10})$", re.I
)
_DUE_AFTER = re.compile(r"^[^.\n]{0,8}(?:까지|마감|만료)")
_EVENT = re.compile(
    r"\b(?:a|an|the|our|annual)\s+(?P<name>(?:[a-z][\w-]*\s+){0,3}(?:fair|meeting|conference"
    r"|party|workshop|seminar|concert|festival"
    r"|exhibition|summit|lunch|dinner|webinar|class|training|race|game|match|wedding|review|launch|call))\b"
    r"|(?P<ko>(?:[가-힣A-Za-z0-9]+\s){0,2}[가-힣A-Za-z0-9]*(?:회의|콘퍼런스|컨퍼런스|세미나"
    r"|워크숍|축제|박람회|전시회|행사|파티|공연|설명회|발표회|체육대회"
    r"|간담회|포럼|강연))"
)
_FIRST_NAMES = re.compile(
    r"\b(?P<names>[A-Z][a-z]+(?:,\s+[A-Z][a-z]+){0,10},?\s+and\s+[A-Z][a-z]+)\b(?=\s+(?:are|were|will"
    r"|have|met|go|want|plan|agreed))"
)
_JOB = re.compile(
    r"\b(?:works?|working|worked|serves?|hired|joined) (?:at [A-Z]\w+ )?as (?:an?|the|our)?\s?"
    r"(?P<job>[A-Za-z][a-z]+(?: [A-Za-z][a-z]+){0,3})"
    r"|(?<=, )(?P<before>(?:[A-Z][a-z]+ ){0,3}(?:Manager|Engineer|Director|Officer|Designer|Developer"
    r"|Analyst|President|Consultant|Scientist|CEO|CTO|CFO|Lead))\b"
    r"|(?<=[가-힣] )(?P<ko>대리|과장|차장|부장|팀장|실장|본부장|대표이사|대표|이사|사원|주임|연구원|교수"
    r"|매니저|디자이너|개발자)(?=입니다|이고|이며|이다|[은는이가을를의께]|님|에게|\s|$|[.,)])"
)
_CONTRAST = re.compile(
    r"\b(?:but|however|although|though)\b,?|지만,?\s|으나,?\s|(?<=다)\.\s|하지만|그러나|반면", re.I
)
_TITLE_LENGTH = 80
_PLACE = next(kind for kind in ANSWER_TYPES if kind.name == "place")
_REASON = next(kind for kind in ANSWER_TYPES if kind.name == "reason")
_LOCATION = re.compile(
    r"\b(?:[A-Z][\w'-]*\s){1,3}(?:Hall|Center|Centre|Room|Park|Hotel|Building|Library|Museum"
    r"|Stadium|Theatre|Theater|Campus|Office)\b"
    r"|\b(?:Room|Hall|Building)\s+[A-Z0-9][\w-]*"
    r"|(?:[가-힣A-Z0-9]+\s){0,1}[가-힣A-Z0-9]*(?:회의실|센터|호텔|공원|강당|도서관|미술관|박물관"
    r"|컨벤션|코엑스|빌딩|캠퍼스|홀)(?=[가-힣]{0,2}(?:\s|[.,)]|$))"
)


def find_strings(question: FieldQuestion, document: Document) -> list[str]:
    """Return the candidates for a field of type string, the best first."""
    labelled = [
        text for label in find_labels(question, document) for text in _from_label(question, label.value)
    ]
    matching = find_matching_words(document.text, question.field.schema)
    finder = _FINDERS.get(question.kind)
    if question.format in _FORMAT_KINDS:
        finder = _FINDERS[_FORMAT_KINDS[question.format]]
    extracted = finder(question, document) if finder else _unknown(question, document)
    return list(dict.fromkeys(chain(labelled, matching, extracted)))


def find_texts(question: FieldQuestion, document: Document) -> list[str]:
    """Return all values for a list of texts."""
    if question.kind == "person":
        return find_people_in(document)
    finder = {
        "keywords": lambda: find_keywords(document.text, 5),
        "email": lambda: _matches(EMAIL, document.text),
        "phone": lambda: _matches(PHONE, document.text),
        "url": lambda: _urls(question, document),
        "date": lambda: [mention.value for mention in document.dates],
        "money": lambda: [amount.text for amount in document.amounts],
        "organization": lambda: document.organizations,
        "city": lambda: [mention.text for mention in find_entities("cities", document.text)],
        "country": lambda: [mention.text for mention in find_entities("countries", document.text)],
        "language": lambda: [mention.name for mention in find_entities("languages", document.text)],
        "strengths": lambda: _opinions(document, "positive"),
        "weaknesses": lambda: _opinions(document, "negative"),
        "summary": lambda: summarise(document.text, 3).split("\n"),
        "ticker": lambda: [mention.name for mention in find_entities("companies", document.text)],
    }.get(question.kind)
    return list(dict.fromkeys(finder())) if finder else []


def find_people_in(document: Document) -> list[str]:
    """Return the names of people, first names in a list such as "Alice and Bob" included."""
    listed = [
        name
        for match in _FIRST_NAMES.finditer(document.text)
        for name in re.split(r",\s+(?:and\s+)?|\s+and\s+", match["names"])
    ]
    return list(dict.fromkeys((*listed, *document.people)))


def _from_label(question: FieldQuestion, value: str) -> Iterable[str]:
    """Return what the value of a label has of the kind that the field asks for, else the value."""
    section = Document(value)
    if question.kind in DATE_KINDS or question.format in ("date", "date-time"):
        dates = [_format_date(question, mention, value) for mention in find_date_mentions(value)]
        return (*dates, value)
    if question.kind in ("email", "phone", "url", "time", "currency") or question.format in _FORMAT_KINDS:
        kind = _FORMAT_KINDS.get(question.format, question.kind)
        return _FINDERS[kind](question, section)
    if question.kind == "person":
        # "Kim Min-su (kim@example.com)" or "김민수 과장": without what is no part of the name.
        name = re.split(r"\s*[(<,/]|\s+(?:대리|과장|차장|부장|팀장|대표|이사|사원|님|씨)\b", value)[0].strip()
        return (name, value)
    return (value,)


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group().strip(" .,") for match in pattern.finditer(text)]


def _from_rank(values: list[str], rank: int) -> list[str]:
    return list(dict.fromkeys(values))[rank:]


def _urls(_question: FieldQuestion, document: Document) -> list[str]:
    return [url.rstrip(".,;:!?") for url in _matches(_URL, document.text)]


def _dates(question: FieldQuestion, document: Document) -> list[str]:
    text = document.text
    is_due = {
        mention: bool(
            _DUE.search(text[max(0, mention.start - 30) : mention.start])
            or _DUE_AFTER.match(text[mention.start + len(mention.text) :][:12])
        )
        for mention in document.dates
    }
    if question.kind == "due_date":
        mentions = [mention for mention, due in is_due.items() if due]
    elif question.kind == "birth_date":
        mentions = [
            mention
            for mention in document.dates
            if find_kind(text[max(0, mention.start - 20) : mention.start + len(mention.text) + 8].lower())
            == "birth_date"
        ]
    else:
        mentions = [mention for mention, due in is_due.items() if not due] or document.dates
        # A full date before a weekday or "tomorrow".
        mentions = sorted(mentions, key=lambda mention: mention.day is None)
    return [_format_date(question, mention, text[mention.start :]) for mention in mentions]


def _format_date(question: FieldQuestion, mention: DateMention, after: str) -> str:
    if question.format != "date-time" or mention.day is None:
        return mention.value
    times = find_clock_times(after[:60])
    return f"{mention.value}T{times[0] if times else '00:00'}:00Z"


def _times(question: FieldQuestion, document: Document) -> list[str]:
    suffix = ":00Z" if question.format == "time" else ""
    return [f"{time}{suffix}" for time in find_clock_times(document.text)]


def _durations(question: FieldQuestion, document: Document) -> list[str]:
    durations = find_durations(document.text)
    if question.format == "duration":
        return [code for _, _, code in durations]
    return [f"{number:g}{'' if unit[0] > 'z' else ' '}{unit}" for number, unit, _ in durations]


def _money(question: FieldQuestion, document: Document) -> list[str]:
    if question.kind not in ("money", "total", "unit_price"):
        return []
    amounts = document.amounts
    if question.kind == "total":
        amounts = sorted(amounts, key=lambda amount: -amount.value)
    return [amount.text for amount in amounts]


def _currency(_question: FieldQuestion, document: Document) -> list[str]:
    text = " ".join(amount.text for amount in document.amounts) or document.text
    return [mention.name for mention in find_entities("currencies", text)] + _matches(
        re.compile(r"\b(?:USD|EUR|GBP|KRW|JPY|CNY|CHF|CAD|AUD|INR)\b"), text
    )


def _people(question: FieldQuestion, document: Document) -> list[str]:
    people = find_people_in(document)
    pattern = role_pattern(question.role)
    if pattern is None:
        return _from_rank(people, question.rank)
    beside = [name for name in people if _is_beside(name, pattern, document.text)]
    if beside or question.role in ("candidate", "contact"):
        return beside or people[:1]
    # Somebody whose role the text does not say may be somebody else.
    return people if len(people) == 1 else []


def _is_beside(name: str, pattern: re.Pattern[str], text: str) -> bool:
    return any(
        pattern.search(text[max(0, at.start() - 18) : at.start()]) or pattern.search(text[at.end() :][:8])
        for at in re.finditer(re.escape(name), text)
    )


def _organizations(question: FieldQuestion, document: Document) -> list[str]:
    names = document.organizations or [mention.text for mention in find_entities("companies", document.text)]
    pattern = role_pattern(question.role)
    if pattern is not None and len(names) > 1:
        return [name for name in names if _is_beside(name, pattern, document.text)]
    return _from_rank(names, question.rank)


def _entity_texts(kind: str) -> Callable[[FieldQuestion, Document], list[str]]:
    def find(question: FieldQuestion, document: Document) -> list[str]:
        return _from_rank([mention.text for mention in find_entities(kind, document.text)], question.rank)

    return find


def _places(question: FieldQuestion, document: Document) -> list[str]:
    cities = [mention.text for mention in find_entities("cities", document.text)]
    known = _matches(_LOCATION, document.text)
    people = {part for name in document.people for part in name.split()}
    others = [place for place in document.find(_PLACE.find) if place.split()[0] not in people]
    dates = {mention.text for mention in document.dates}
    others = [place for place in others if find_date_mentions(place) == [] and place not in dates]
    return _from_rank([*known, *cities, *others], question.rank)


def _languages(_question: FieldQuestion, document: Document) -> list[str]:
    return [document.language.localise("English", "Korean"), document.language.value]


def _tickers(_question: FieldQuestion, document: Document) -> list[str]:
    written = re.findall(
        r"\b[A-Z]{2,5}\b(?=\)|\s+(?:stock|shares|주가|주식))|(?<=\()[A-Z]{2,5}\b", document.text
    )
    return [*written, *(mention.name for mention in find_entities("companies", document.text))]


def _title(_question: FieldQuestion, document: Document) -> list[str]:
    if not document.sentences:
        return []
    first = document.lines[0].lstrip("# ").strip("*_ ")
    if len(document.lines) > 1 and len(first) <= 120 and not re.search(r"(?:[.!?。]|다)$|[:：]\s", first):
        return [first]
    quotations = find_quotations(document.text[:400])
    sentence = document.sentences[0].strip().rstrip(".!?。")
    if len(sentence) > _TITLE_LENGTH:
        # At the end of a clause or a word.
        cut = sentence[:_TITLE_LENGTH]
        clause = re.match(r".{20,}(?=,\s|;\s)", cut)
        sentence = clause.group() if clause else cut.rsplit(" ", 1)[0]
    return [*(quotations if len(quotations) == 1 and len(quotations[0]) > 12 else ()), sentence]


def _summary(_question: FieldQuestion, document: Document) -> list[str]:
    return [summarise(document.text, 2)] if document.sentences else []


def _things(question: FieldQuestion, document: Document) -> list[str]:
    event = _EVENT.search(document.text)
    events = [(event["name"] or event["ko"]).strip()] if event else []
    quotations = find_quotations(document.text)
    first = document.lines[0] if document.lines else ""
    heading = [first.lstrip("# ").strip()] if first.startswith("#") else []
    return _from_rank([*quotations, *heading, *events], question.rank)


def _jobs(document: Document) -> list[str]:
    return [match["job"] or match["ko"] or match["before"] for match in _JOB.finditer(document.text)]


def _opinions(document: Document, sentiment: str) -> list[str]:
    clauses = [
        clause.strip(" .,")
        for sentence in document.sentences
        for clause in _CONTRAST.split(sentence)
        if clause
    ]
    return [clause for clause in clauses if clause and classify_sentiment(clause) == sentiment]


def _reasons(_question: FieldQuestion, document: Document) -> list[str]:
    return [sentence for sentence in document.sentences if _REASON.find(sentence)]


def _sentiments(question: FieldQuestion, document: Document) -> list[str]:
    language = detect_language(question.field.description or question.words)
    return [sentiment_name(classify_sentiment(document.text), language)]


def _answers(question: FieldQuestion, document: Document) -> list[str]:
    return [document.answer] if document.answer else _unknown(question, document)


def _unknown(question: FieldQuestion, document: Document) -> list[str]:
    """Return the value after the name of the field within a sentence, as in "the gate is B12"."""
    name = r"\s+".join(map(re.escape, question.words.split()))
    if not name:
        return []
    match = re.search(
        rf"(?<![\w]){name}\s*(?:\bis\b|\bwas\b|:|=|은|는)\s+(?P<value>[^\n.,;]{{1,80}})", document.text, re.I
    )
    return [match["value"].strip()] if match else _described(question, document)


def _described(question: FieldQuestion, document: Document) -> list[str]:
    """Return the sentence that the description of the field is about."""
    return relevant_sentences(question, document)[:1] if question.field.description else []


_FORMAT_KINDS = {
    "email": "email",
    "date": "date",
    "date-time": "date",
    "time": "time",
    "duration": "duration",
    "uri": "url",
}
_FINDERS: dict[str, Callable[[FieldQuestion, Document], list[str]]] = {
    "email": lambda question, document: _from_rank(_matches(EMAIL, document.text), question.rank),
    "phone": lambda question, document: _from_rank(_matches(PHONE, document.text), question.rank),
    "url": _urls,
    "date": _dates,
    "due_date": _dates,
    "birth_date": _dates,
    "time": _times,
    "duration": _durations,
    "currency": _currency,
    "person": _people,
    "organization": _organizations,
    "city": _entity_texts("cities"),
    "country": _entity_texts("countries"),
    "place": _places,
    "job": lambda _question, document: _jobs(document),
    "strengths": lambda _question, document: _opinions(document, "positive"),
    "weaknesses": lambda _question, document: _opinions(document, "negative"),
    "address": lambda _question, document: _matches(_ADDRESS, document.text),
    "language": _languages,
    "ticker": _tickers,
    "title": _title,
    "summary": _summary,
    "keywords": lambda _question, document: [", ".join(find_keywords(document.text, 5))],
    "sentiment": _sentiments,
    "id": lambda question, document: _from_rank(_matches(_CODE, document.text), question.rank),
    "thing": _things,
    "query": lambda _question, document: find_keywords(document.text, 1),
    "unit": _entity_texts("units"),
    "time_zone": lambda _question, document: find_time_zones(document.text),
    "reason": _reasons,
    "answer": _answers,
    **dict.fromkeys(MONEY_KINDS, _money),
}
