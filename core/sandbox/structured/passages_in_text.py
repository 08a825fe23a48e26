"""Parts of a text as values: titles, summaries, things that it is about, tasks, opinions, reasons."""

import re

from core.sandbox.replies.extraction.answer_types import ANSWER_TYPES
from core.sandbox.replies.language.text_question import find_quotations
from core.sandbox.replies.texts.text_qa import summarise
from core.sandbox.structured.document import Document
from core.sandbox.structured.kinds import find_kind
from core.sandbox.structured.names_in_text import from_rank
from core.sandbox.structured.question import FieldQuestion
from core.sandbox.structured.sentiment import classify_sentiment

_EVENT = re.compile(
    r"\b(?:a|an|the|our|annual)\s+(?P<name>(?:[a-z][\w-]*\s+){0,3}(?:fair|meeting|conference"
    r"|party|workshop|seminar|concert|festival"
    r"|exhibition|summit|lunch|dinner|webinar|class|training|race|game|match|wedding|review|launch|call))\b"
    r"|(?P<ko>(?:[가-힣A-Za-z0-9]+\s){0,2}[가-힣A-Za-z0-9]*(?:회의|콘퍼런스|컨퍼런스|세미나"
    r"|워크숍|축제|박람회|전시회|행사|파티|공연|설명회|발표회|체육대회"
    r"|간담회|포럼|강연))(?!\s*[:：])"
)
# What somebody is to do, without who and by when.
_TASK = re.compile(
    r"\b(?:will|should|must|needs? to|has to|have to|is going to)\s+(?P<en>[^.\n]+?)(?=\s+(?:by"
    r"|before|until|on)\s+(?:\d|[A-Z]|the|next)|[.;\n]|$)"
    r"|(?:까지\s+|[은는이가]\s+(?!\S{1,12}까지))(?P<ko>[^.\n은는]{2,60}?(?:을"
    r"|를)?\s?[가-힣]+(?:한다|합니다|하기로"
    r"|했다|해야|할 예정|하기))(?:[.\s]|$)"
)
_RECOMMENDATION = re.compile(r"\brecommend|추천", re.I)
DECISION = re.compile(
    r"\b(?:decided|agreed|approved|resolved|decision)\b|결정|합의|하기로 (?:했|함)|승인", re.I
)
_CONTRAST = re.compile(
    r"\b(?:but|however|although)\b,?|지만,?\s|으나,?\s|(?<=다)\.\s|하지만|그러나|반면", re.I
)
_TITLE_LENGTH = 80
_REASON = next(kind for kind in ANSWER_TYPES if kind.name == "reason")


def find_title(_question: FieldQuestion, document: Document) -> list[str]:
    if not document.sentences:
        return []
    if document.heading:
        return [document.heading]
    quotations = find_quotations(document.text[:400])
    sentence = document.sentences[0].strip().rstrip(".!?。")
    if len(sentence) > _TITLE_LENGTH:
        # At the end of a clause or a word.
        cut = sentence[:_TITLE_LENGTH]
        clause = re.match(r".{20,}(?=,\s|;\s)", cut)
        sentence = clause.group() if clause else cut.rsplit(" ", 1)[0]
    return [*(quotations if len(quotations) == 1 and len(quotations[0]) > 12 else ()), sentence]


def find_summary(_question: FieldQuestion, document: Document) -> list[str]:
    return [summarise(document.body, 2)] if document.sentences else []


def find_things(question: FieldQuestion, document: Document) -> list[str]:
    is_task = re.search(r"task|action|todo|할 ?일|업무", question.words)
    if is_task and (task := _TASK.search(document.text)):
        return [(task["en"] or task["ko"]).strip(" .,")]
    quotations = find_quotations(document.text)
    event = _EVENT.search(document.text)
    events = [(event["name"] or event["ko"]).strip()] if event else []
    # A text about a thing begins with its name: "Trailmaster 40 backpack, rating: 4 out of 5."
    lead = re.match(r"[^,:：.\n]{3,60}(?=[,:：]\s)", document.text)
    is_name = lead is not None and not find_kind(lead.group().lower())
    leads = [lead.group().strip()] if lead and is_name and not events else []
    heading = [document.heading] if document.heading else []
    return from_rank([*quotations, *heading, *leads, *events], question.rank)


def find_opinions(document: Document, sentiment: str) -> list[str]:
    clauses = [
        clause.strip(" .,")
        for sentence in document.sentences
        for clause in _CONTRAST.split(sentence)
        if clause
    ]
    return [
        clause
        for clause in clauses
        if clause and not _RECOMMENDATION.search(clause) and classify_sentiment(clause) == sentiment
    ]


def find_reasons(_question: FieldQuestion, document: Document) -> list[str]:
    return [sentence for sentence in document.sentences if _REASON.find(sentence)]
