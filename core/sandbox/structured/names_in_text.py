"""Names in a text: of people with their roles, organizations, places, jobs."""

import re
from collections.abc import Callable

from core.sandbox.replies.extraction.answer_types import ANSWER_TYPES
from core.sandbox.structured.dates import find_date_mentions
from core.sandbox.structured.document import Document
from core.sandbox.structured.entities import find_entities
from core.sandbox.structured.kinds import role_pattern
from core.sandbox.structured.question import FieldQuestion

ADDRESS = re.compile(
    r"\b\d{1,5}\s+(?:[A-Z][\w.]*\s+){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr"
    r"|Boulevard|Blvd|Way|Square|Place)\b\.?"
    r"(?:,\s*[A-Z][\w ]+){0,3}"
    r"|[가-힣]+(?:특별시|광역시|특별자치시|시|도)\s[가-힣]+(?:시|군|구)(?:\s[가-힣]+(?:구|읍|면"
    r"|동))?\s[가-힣0-9]+(?:로|길|동)(?:\s?\d+(?:-\d+)?)?"
)
_FIRST_NAMES = re.compile(
    r"\b(?P<names>[A-Z][a-z]+(?:,\s+[A-Z][a-z]+){0,10},?\s+and\s+[A-Z][a-z]+)\b(?=\s+(?:are|were|will"
    r"|have|met|go|want|plan|agreed))"
)
_JOB = re.compile(
    r"\b(?:works?|working|worked|serves?|hired|joined) (?:at [A-Z]\w+ )?as (?:an?|the|our)?\s?"
    r"(?P<job>[A-Za-z][a-z]+(?: [A-Za-z][a-z]+){0,3})"
    r"|\b(?:hiring|seeking|looking for) (?:an?|the)\s(?P<hired>(?:[A-Z][a-z]+ ?){1,4})"
    r"|(?:(?<=, )|^)(?P<before>(?:Head|VP|Vice President|Director"
    r"|Chief) of (?:[A-Z][\w&]*\s?){1,3}(?=,|$)|(?:[A-Z][a-z]+ ){0,3}(?:Manager|Engineer|Director"
    r"|Officer|Designer|Developer"
    r"|Analyst|President|Consultant|Scientist|CEO|CTO|CFO|Lead))\b"
    r"|(?:(?<=[가-힣] )|^)(?P<ko>[가-힣 ]{0,8}(?:엔지니어|개발자|디자이너|팀장|매니저)(?=,|$)"
    r"|대리|과장|차장|부장|팀장|실장|본부장|대표이사|대표|이사|사원|주임|연구원|교수"
    r"|매니저|디자이너|개발자)(?=입니다|이고|이며|이다|[은는이가을를의께]|님|에게|\s|$|[.,)])",
    re.M,
)
_EVENT_NAME = re.compile(r"\b(?:Evening|Night|Fair|Conference|Workshop|Festival|Summit|Meeting|Week|Day)$")
# The one who is to do something: "지민은 금요일까지 보고서를 쓴다."
_SUBJECT = re.compile(
    r"^(?P<en>[A-Z][a-z]+)\s+(?:will|should|must|needs?|has to|is going to)\b"
    r"|^(?P<ko>[가-힣]{2,4})(?:은|는|이|가)\s(?=.*(?:까지|한다|합니다|하기로|해야))"
)
_PLACE = next(kind for kind in ANSWER_TYPES if kind.name == "place")
_LOCATION = re.compile(
    r"\b(?:[A-Z][\w'-]*\s){1,3}(?:Hall|Center|Centre|Room|Park|Hotel|Building|Library|Museum"
    r"|Stadium|Theatre|Theater|Campus|Office)\b"
    r"|\b(?:Room|Hall|Building)\s+[A-Z0-9][\w-]*"
    r"|(?:[가-힣A-Z0-9]+\s){0,1}[가-힣A-Z0-9]*(?:회의실|센터|호텔|공원|강당|도서관|미술관|박물관"
    r"|컨벤션|코엑스|빌딩|캠퍼스|홀)(?=[가-힣]{0,2}(?:\s|[.,)]|$))"
)


def find_all_people(document: Document) -> list[str]:
    """Return the names of people, first names in a list such as "Alice and Bob" included."""
    listed = [
        name
        for match in _FIRST_NAMES.finditer(document.text)
        for name in re.split(r",\s+(?:and\s+)?|\s+and\s+", match["names"])
    ]
    in_organizations = " ".join(document.organizations)
    people = (
        name for name in document.people if not _EVENT_NAME.search(name) and name not in in_organizations
    )
    return list(dict.fromkeys((*listed, *people)))


def matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group().strip(" .,") for match in pattern.finditer(text)]


def from_rank(values: list[str], rank: int) -> list[str]:
    return list(dict.fromkeys(values))[rank:]


def find_people(question: FieldQuestion, document: Document) -> list[str]:
    people = find_all_people(document)
    if question.role == "assignee" and (subject := _SUBJECT.match(document.text)):
        return [subject["en"] or subject["ko"], *people]
    if not people and document.heading and question.words == "name":
        return [document.heading]
    pattern = role_pattern(question.role)
    if pattern is None:
        return from_rank(people, question.rank)
    adjacent = [name for name in people if _is_next_to(name, pattern, document.text)]
    if adjacent or question.role in ("candidate", "contact"):
        return adjacent or people[:1]
    # Somebody whose role the text does not say may be somebody else.
    return people if len(people) == 1 else []


def _is_next_to(name: str, pattern: re.Pattern[str], text: str) -> bool:
    return any(
        pattern.search(text[max(0, at.start() - 18) : at.start()]) or pattern.search(text[at.end() :][:8])
        for at in re.finditer(re.escape(name), text)
    )


def find_organizations(question: FieldQuestion, document: Document) -> list[str]:
    names = document.organizations or [mention.text for mention in find_entities("companies", document.text)]
    pattern = role_pattern(question.role)
    if pattern is not None and len(names) > 1:
        return [name for name in names if _is_next_to(name, pattern, document.text)]
    if not names and len(document.heading.split()) in (1, 2, 3, 4):
        return [document.heading]
    return from_rank(names, question.rank)


def entity_finder(kind: str) -> Callable[[FieldQuestion, Document], list[str]]:
    def find(question: FieldQuestion, document: Document) -> list[str]:
        return from_rank([mention.text for mention in find_entities(kind, document.text)], question.rank)

    return find


def find_places(question: FieldQuestion, document: Document) -> list[str]:
    cities = [mention.text for mention in find_entities("cities", document.text)]
    known = matches(_LOCATION, document.text)
    people = {part for name in document.people for part in name.split()}
    others = [place for place in document.find(_PLACE.find) if place.split()[0] not in people]
    dates = {mention.text for mention in document.dates}
    excluded = (*dates, *document.organizations)
    others = [place for place in others if not find_date_mentions(place) and place not in excluded]
    return from_rank([*known, *cities, *others], question.rank)


def find_tickers(_question: FieldQuestion, document: Document) -> list[str]:
    written = re.findall(
        r"\b[A-Z]{2,5}\b(?=\)|\s+(?:stock|shares|주가|주식))|(?<=\()[A-Z]{2,5}\b", document.text
    )
    return [*written, *(mention.name for mention in find_entities("companies", document.text))]


def find_jobs(question: FieldQuestion, document: Document) -> list[str]:
    jobs = [next(filter(None, match.groups())).strip() for match in _JOB.finditer(document.text)]
    return [*jobs, document.heading] if question.words == "title" and document.heading else jobs
