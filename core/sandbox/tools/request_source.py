"""A request as the source of the arguments of a function."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.sandbox.json_schema.strict import Schema, schema_types
from core.sandbox.replies.calculation.arithmetic import find_expression
from core.sandbox.replies.calculation.quantities import find_quantities
from core.sandbox.replies.language.sentences import content_words
from core.sandbox.replies.language.text_question import find_quotations
from core.sandbox.structured.dates import resolve_relative
from core.sandbox.structured.document import Document, find_numbers
from core.sandbox.structured.document_source import DocumentSource
from core.sandbox.structured.entities import find_entities
from core.sandbox.structured.kinds import DATE_KINDS, MONEY_KINDS, find_kind, split_name
from core.sandbox.structured.question import FieldQuestion
from core.sandbox.structured.source import SchemaField, ValueProvider
from core.sandbox.tools.mentions import ENTITY_KINDS, find_mention, is_directed
from core.sandbox.tools.sql import write_query

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_COLON = re.compile(r"[:：]\s*(?P<text>\S.+)$", re.S)
_ABOUT = re.compile(
    r"\b(?:about|for|on|of|named|called|who is|what is)\s+(?:the\s+)?(?P<en>[^?.!,]{2,60})"
    r"|(?P<ko>[가-힣A-Za-z0-9 ]{2,40}?)(?:에 ?대해|에 ?관해|에 ?관한|을 검색|를 검색|을 찾|를 찾|이 뭐|가 뭐)"
)
_TASK_WORDS = re.compile(
    r"\b(?:please|can you|could you|would you|what(?:'s| is| are)?|tell me|show me|give me"
    r"|search(?: for)?|look ?up|find(?: out)?|get|check"
    r"|who(?:'s| is)?|me|the|a|an|of|does|do|did|say|says|is|are|in|my|our|notes?"
    r"|wikipedia|info(?:rmation)?|about|for)\b"
    r"|알려 ?줘\S*|어떻게 ?[돼되]\S*|검색\S*|찾아\S*|조회\S*|해 ?줘\S*|해 ?주세요|좀"
    r"|(?<=[가-힣])(?:에 대해서?|에 관해)|에서\b|메모|노트",
    re.I,
)
_GENERIC_TEXT = re.compile(
    r"\b(?:text|content|message|body|input|string|sentence|document|code|sql)\b|글|내용|본문|문장"
    r"|텍스트"
)
_ROOT = re.compile(
    r"\bsquare root of (?P<en>\d+(?:\.\d+)?)|(?P<ko>\d+(?:\.\d+)?)의? ?제곱근|(?:루트"
    r"|√) ?(?P<symbol>\d+(?:\.\d+)?)",
    re.I,
)
_FORMULA = re.compile(r"(?:[\d.,+\-*/%^() ]|\b[a-z]+\()+", re.I)  # with a function, such as sqrt(2)
_CURRENCY = re.compile(r"(?<=\d) ?(?:달러|유로|엔)")
_POWER = re.compile(r"(?P<base>\d+(?:\.\d+)?)(?: to the power of (?P<en>\d+)|의 ?(?P<ko>\d+) ?제곱)", re.I)
# Of a number or a code, such as that in "A-123의 상태".
_PARTICLE = re.compile(r"(?<=[A-Za-z0-9])(?:의|은|는|이|가|을|를|와|과|로)$")
_DICE = re.compile(r"\d+d(?P<sides>\d+)")
_EXAMPLE = re.compile(
    r"(?:for example|e\.g\.,?|such as|example:|예:|예를 들어)\s*(?P<example>[\w-]{2,20})", re.I
)
_KOREAN_UNITS = {
    "years": "년",
    "months": "개월",
    "weeks": "주",
    "days": "일",
    "hours": "시간",
    "minutes": "분",
}
# A request has no title or summary of its own: these are texts to write.
_FREE_KINDS = frozenset(
    ("title", "summary", "answer", "query", "thing", "reason", "keywords", "sentiment", "person")
)


@dataclass(frozen=True, slots=True)
class Request:
    """The part of a request that a call answers, and the day that the instructions say it is.

    *function* is the description of the function that is called.
    """

    text: str
    today: date | None = None
    function: str = ""


class RequestSource(DocumentSource):
    """Finds the arguments of one call in a request. *properties* are the schemas of the parameters."""

    def __init__(
        self, request: Request, properties: Schema | None = None, required: Sequence[str] = ()
    ) -> None:
        self._properties_by_name = properties or {}
        self._required = required
        super().__init__(Document(request.text), "", list(self._properties_by_name))
        self._request = request

    def find_strings(self, field: SchemaField) -> Sequence[str]:
        question = self._ask(field)
        if question.kind == "expression":
            # Not the subject: prose is no expression.
            expression = _find_expression(self._request.text)
            return [expression] if expression else find_quotations(self._request.text)
        if "sql" in question.words.split():
            return [write_query(self._request.text, self._request.function)]
        if kind := ENTITY_KINDS.get(question.kind):
            mention = find_mention(question, kind, self._request.text)
            if mention is None:
                return super().find_strings(field)
            # By its canonical name; as written, if the parameter is described in Korean.
            is_korean = _HANGUL.search(question.field.description) is not None
            as_written = is_korean and question.kind not in ("ticker", "currency")
            return [mention.text if as_written else mention.name]
        if question.kind in DATE_KINDS or question.format in ("date", "date-time"):
            return self._dates(field)
        if question.kind == "person" and (people := super().find_strings(field)):
            return people
        if question.kind in _FREE_KINDS:
            return self._free_text(question)
        texts = [_PARTICLE.sub("", text) for text in super().find_strings(field)]
        texts += _like_example(question.field.description, self._request.text)
        return texts or (self._free_text(question) if self._is_required(field) else [])

    def find_number(self, field: SchemaField) -> Fraction | None:
        names = [name for name, schema in self._properties_by_name.items() if _is_number(schema)]
        claimed = {name: self._number_of_parameter(name) for name in names}
        if claimed.get(field.name) is not None:
            return claimed[field.name]
        remaining = self._numbers()
        for number in filter(None, claimed.values()):
            if number in remaining:
                remaining.remove(number)
        unclaimed = [name for name in names if claimed[name] is None]
        # What is required comes first; of what is optional, only amounts have no name in a request.
        unclaimed.sort(key=lambda name: name not in self._required)
        is_amount = find_kind(split_name(field.name)) in MONEY_KINDS
        if not self._is_required(field) and not is_amount:
            return None
        index = unclaimed.index(field.name) if field.name in unclaimed else 0
        return remaining[index] if index < len(remaining) else None

    def _number_of_parameter(self, name: str) -> Fraction | None:
        """Return the number that the request gives to the parameter by its name, as in "20-sided"."""
        if find_kind(split_name(name)) == "quantity":
            # A number with a word for things or people: "두 개", "3명".
            for quantity in find_quantities(self._request.text):
                if quantity.kind in ("count", "people"):
                    return quantity.value
        words = [re.escape(word.removesuffix("s")) for word in split_name(name).split() if len(word) > 2]
        if not words:
            return None
        text = self._request.text
        for mention in self._document.dates:  # "2026년" is no number of years
            text = text.replace(mention.text, " ", 1)
        korean = [unit for word, unit in _KOREAN_UNITS.items() if word in split_name(name).split()]
        pattern = "|".join([*words, *korean])
        match = re.search(
            rf"(?P<before>\d[\d,]*(?:\.\d+)?)[\s-]*(?:{pattern})|\b(?:{pattern})\w*\s*(?:=|:|is"
            rf"|of)?\s*(?P<after>\d[\d,]*(?:\.\d+)?)",
            text,
            re.IGNORECASE,
        )
        return Fraction((match["before"] or match["after"]).replace(",", "")) if match else None

    def _numbers(self) -> list[Fraction]:
        """Return the numbers of the request in their order: amounts, quantities, and others; no dates."""
        text = self._request.text
        for mention in self._document.dates:
            text = text.replace(mention.text, " ", 1)
        document = Document(text)
        # "3만 5천 원" is one number.
        amounts = [amount.value for amount in document.amounts]
        for amount in document.amounts:
            text = text.replace(amount.text, " ", 1)
        words = [
            quantity.value
            for quantity in find_quantities(text)
            if quantity.kind in ("count", "people", "number") and not re.search(r"\d", quantity.text)
        ]
        return [*amounts, *find_numbers(text), *words]

    def choose(self, field: SchemaField, options: Sequence[object]) -> tuple[int, bool]:
        question = self._ask(field)
        for kind in ("currencies", "units", "languages") if is_directed(question.words) else ():
            mention = find_mention(question, kind, self._request.text)
            for index, option in enumerate(options):
                names = [entity.name for entity in find_entities(kind, str(option))]
                if mention and mention.name in names:
                    return index, True
        return super().choose(field, options)

    def narrow(self, field: SchemaField) -> ValueProvider:
        schema = field.schema
        return RequestSource(self._request, schema.get("properties"), required_parameters(schema))

    def _is_required(self, field: SchemaField) -> bool:
        return field.name in self._required or not self._properties_by_name

    def _dates(self, field: SchemaField) -> list[str]:
        """Return the date of the request for *field*: the first parameter has the first date.

        No other one, if that day is unknown: the end of a period is not its start.
        """
        names = date_parameters(self._properties_by_name)
        index = names.index(field.name) if field.name in names else 0
        today = self._request.today
        return [
            day.isoformat() if day else mention.text
            for mention in self._document.dates[index : index + 1]
            for day in [mention.day or (resolve_relative(mention.text, today) if today else None)]
        ]

    def _free_text(self, question: FieldQuestion) -> list[str]:
        """Return a query or a message: a quotation, what follows a colon, or the subject."""
        text = self._request.text
        quotations = find_quotations(text)
        if quotations:
            return self._quotation(question, quotations)
        if colon := _COLON.search(text):
            return [colon["text"].strip()]
        return [text] if _GENERIC_TEXT.search(question.words) else self._subject()

    def _quotation(self, question: FieldQuestion, quotations: Sequence[str]) -> list[str]:
        """Return the quotation after the name of the field, else that at its place among such fields."""
        text = self._request.text.lower()
        for quotation in quotations:
            before = text[: text.find(quotation.lower())][-24:]
            if question.words and question.words in before:
                return [quotation]
        names = [
            name
            for name in self._properties_by_name
            if find_kind(split_name(name)) in (*_FREE_KINDS, "")
            and not _is_number(self._properties_by_name[name])
        ]
        index = names.index(question.field.name) if question.field.name in names else 0
        return list(quotations[min(index, len(quotations) - 1) :])

    def _subject(self) -> list[str]:
        about = _ABOUT.search(self._request.text)
        candidates = [about["en"] or about["ko"]] if about else []
        candidates.append(self._request.text)
        subjects = (re.sub(r"\s+", " ", _TASK_WORDS.sub(" ", text)).strip(" ?.!,'\"") for text in candidates)
        return [subject for subject in subjects if subject and content_words(subject)] or [self._request.text]


def _find_expression(text: str) -> str | None:
    """Return the expression in *text*; roots and powers in words, as programs write them."""
    if root := _ROOT.search(text):
        return f"sqrt({root['en'] or root['ko'] or root['symbol']})"
    if power := _POWER.search(text):
        return f"{power['base']}**{power['en'] or power['ko']}"
    formulas = [match.group().strip(" .,") for match in _FORMULA.finditer(text)]
    if formula := next((each for each in formulas if re.search(r"[a-z]\(.*\d.*\)", each, re.I)), ""):
        return formula
    # Amounts of money as numbers, from the end, so that the places of those before stay the same.
    for amount in reversed(Document(text).amounts):
        number = str(amount.value if amount.value.denominator == 1 else float(amount.value))
        text = text[: amount.start] + number + text[amount.start + len(amount.text) :]
    return find_expression(_CURRENCY.sub("", text))


def _like_example(description: str, text: str) -> list[str]:
    """Return words of *text* with the form of the example in *description*: "for example 2d6"."""
    match = _EXAMPLE.search(description)
    if match is None or not re.search(r"\d", match["example"]):
        return []
    if dice := _DICE.fullmatch(match["example"]):
        counts = [quantity.value for quantity in find_quantities(text) if quantity.kind == "count"]
        if counts and not _DICE.search(text):
            return [f"{counts[0]}d{dice['sides']}"]
    form = re.sub(r"\d+", r"\\d+", re.escape(match["example"]))
    return re.findall(rf"(?<![\w]){form}(?![\w])", text)


def required_parameters(schema: Schema) -> list[str]:
    """Return the names of the properties that need a value. In a strict schema, null stands for no value."""
    properties = schema.get("properties", {})
    return [name for name in schema.get("required", ()) if not _is_nullable(properties.get(name))]


def date_parameters(properties: Schema) -> list[str]:
    """Return the names of the *properties* that are dates."""
    return [
        name
        for name, schema in properties.items()
        if find_kind(split_name(name)) in DATE_KINDS
        or (isinstance(schema, dict) and schema.get("format") in ("date", "date-time"))
    ]


def _is_nullable(schema: object) -> bool:
    if not isinstance(schema, dict):
        return False
    return "null" in schema_types(schema) or any(map(_is_nullable, schema.get("anyOf", ())))


def _is_number(schema: object) -> bool:
    return isinstance(schema, dict) and bool({"number", "integer"} & set(schema_types(schema)))
