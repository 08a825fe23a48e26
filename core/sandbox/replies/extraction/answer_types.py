"""The kinds of facts that a question may ask for, and how each looks in a text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.replies.extraction.people import find_people

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_WORD_N = r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a|an|half an?"
_MONTHS = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
MONEY = (
    rf"[$€£¥₩]\s?(?:{_N})(?:\s?(?:million|billion|thousand|[mk]\b))?"
    rf"|(?:{_N})(?:\s?(?:million|billion|thousand))?\s?(?:euros?|dollars?|pounds?|won|yen|cents|EUR|USD"
    rf"|GBP|KRW|€|£)(?!\w)"
    rf"|(?:(?:{_N})\s?(?:억|만|천|백)\s?)*(?:{_N})?\s?(?:억|만|천|백)?\s?원(?!래|격|정대)"
)
_MONEY = re.compile(rf"(?=[$€£¥₩\d])(?:{MONEY})", re.I)
# A price without a currency, as on a receipt.
_BARE_PRICE = re.compile(r"(?<![\w.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+\.\d{2})[ \t]*$", re.M)
DATE = (
    r"\d{4}\s?년(?:\s?\d{1,2}\s?월)?(?:\s?\d{1,2}\s?일)?|\d{1,2}\s?월\s?\d{1,2}\s?일"
    r"|\d{4}[-./]\d{1,2}[-./]\d{1,2}"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTHS}\b,?(?: \d{{4}})?|\b{_MONTHS} \d{{1,2}}(?:st|nd|rd"
    rf"|th)?\b,?(?: \d{{4}})?"
    rf"|\b{_MONTHS} \d{{4}}|(?<!\d)\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?(?!\d)"
)
_DATE = re.compile(DATE)
# A month without a day is a time, but no date to extract.
_MONTH = re.compile(
    rf"\b(?:in|until|till|by|since|from|before|after|of|early|mid|late|last|this) {_MONTHS}\b"
    rf"|(?<!\d)\d{{1,2}}\s?월(?!\s?\d)(?:\s?(?:초|중순|말))?"
)
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|[월화수목금토일]요일")
CLOCK = (
    r"(?<![\d.:])(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)(?:\s?[ap]\.?m\b\.?)?"
    r"|\b\d{1,2}(?:\.\d{2})?\s?[ap]\.?m\b\.?|\bnoon\b|\bmidnight\b"
    r"|(?:(?:오전|오후|아침|저녁|밤|낮|새벽)\s?)?\d{1,2}\s?시(?!간)(?:\s?\d{1,2}\s?분|\s?반)?|자정|정오"
)
_CLOCK = re.compile(CLOCK, re.I)
_YEAR = re.compile(r"(?<![\d.,])(?:1[5-9]|20)\d{2}(?![\d.,]*\d|\s?(?:명|원|km|kg))(?:\s?년)?")
_DURATION = re.compile(
    rf"(?:(?:{_N})|\b(?:{_WORD_N}))[ -]?(?:hours?|hrs?|minutes?|mins?|seconds?|days?|weeks?|months?"
    rf"|years?|nights?)\b"
    rf"(?: and (?:{_N}) (?:minutes|seconds))?|(?:{_N}|한|두|세|네|다섯)\s?(?:시간|분(?!들)|초"
    rf"|일(?![가-힣]*요일)|주일?|개월"
    rf"|달|년|박)(?![가-힣]*요일)",
    re.I,
)
_WEIGHT = re.compile(
    rf"(?:{_N})\s?(?:kg|g|mg|tons?|tonnes?|lbs?|pounds|oz|ounces|킬로그램|그램|톤)(?![\w])|(?:{_N})\s?(?:kg"
    rf"|g)(?=[가-힣])",
    re.I,
)
_LENGTH = re.compile(
    rf"(?:{_N})\s?(?:km|cm|mm|m|kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|miles?|feet|ft"
    rf"|inch(?:es)?|미터|킬로미터|센티미터)(?![a-z²])",
    re.I,
)
_TEMPERATURE = re.compile(r"-?\d+(?:\.\d+)?\s?(?:°\s?[CF]?|degrees|℃|도(?![가-힣]*시))", re.I)
_VOLUME = re.compile(
    rf"(?:{_N})\s?(?:ml|cl|l|lit(?:re|er)s?|cubic met(?:re|er)s|리터|밀리리터)(?![a-z])", re.I
)
_COLOUR = re.compile(
    r"\b(?:(?:light|dark) )?(?:red|green|blue|yellow|white|black|gr[ae]y|orange|purple|pink|brown"
    r"|graphite|silver|gold|beige|ivory"
    r"|navy|teal|turquoise|violet|cream|bronze|maroon|olive)\b|(?:빨간|파란|노란|하얀|검은|초록|흰|검정"
    r"|회|분홍|보라|주황|갈|남|은|금)색"
    r"|빨강|파랑|노랑|하양|초록|아이보리|네이비|베이지|화이트|블랙|그레이|실버|골드|핑크|블루|레드|그린"
    r"|브라운|카키",
    re.I,
)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PHONE = re.compile(
    r"(?<![A-Za-z0-9@-])(?:"
    r"\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?|\d{1,4}[ .-])\d{3,4}(?:[ .-]?\d{3,4})?"
    r"|\(\d{2,4}\)[ .-]?\d{3,4}[ .-]\d{4}|0\d{1,4}[ .-]\d{3,4}[ .-]\d{3,4}|0\d{4} \d{6}|0\d{9,10}"
    r"|\d{3}[.-]\d{3}[.-]\d{4}|1[568]\d{2}-\d{4}|\d{3}-\d{4})(?![A-Za-z0-9-])"
)
_COUNT = re.compile(
    rf"(?:{_N})|\b(?:{_WORD_N})\b|(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s(?=[가-힣])", re.I
)
_PLACE = re.compile(
    r"(?:\b(?:in|at|to|from|on|near|of|room) (?:the )?)(?P<value>[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)"
    r"|(?P<ko>(?:[가-힣]+(?:시|군|구|읍|면|동|역|도)\s)?[가-힣]{2,}(?:\s[가-힣]+(?:단지|광장|공원|센터"
    r"|호텔|리조트))?)(?=에서|에 있|으로 바"
    r"|로 바|으로 변|로 변|이며|입니다|이다|\s?앞)"
)
_REASON = re.compile(
    r"\b(?:because|due to|owing to|so that|thanks to|the reason|as a result|since (?!\d|last|\w+day))"
    r"|때문|덕분|관계로|이유|원인|탓|나서|[가-힣](?:해|아|어|여)서\s|으로 인해|[가-힣]므로|려고\s|기 위해",
    re.I,
)


@dataclass(frozen=True, slots=True)
class AnswerType:
    """A kind of fact: how a question asks for it, and its occurrences in a text.

    Without an occurrence of a *required* type, a text does not answer.
    """

    name: str
    asks: re.Pattern[str]
    find: Callable[[str], list[str]]
    required: bool = True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], list[str]]:
    def find(text: str) -> list[str]:
        return [_value(match) for match in pattern.finditer(text) if _value(match)]

    return find


def _value(match: re.Match[str]) -> str:
    groups = match.groupdict()
    return (next((value for value in groups.values() if value), None) or match.group()).strip()


def find_prices(text: str) -> list[str]:
    """Return amounts with a currency, else numbers that are written like prices."""
    return _matches(_MONEY)(text) or _matches(_BARE_PRICE)(text)


def find_dates_as_written(text: str) -> list[str]:
    """Return the dates as they stand in *text*."""
    return [match.group().strip().rstrip(",") for match in _DATE.finditer(text)]


def find_times(text: str) -> list[str]:
    """Return dates, weekdays and times of day, in their order."""
    matches = [
        match for pattern in (_DATE, _MONTH, _WEEKDAY, _CLOCK, _YEAR) for match in pattern.finditer(text)
    ]
    result: list[re.Match[str]] = []
    for match in sorted(matches, key=lambda match: (match.start(), -match.end())):
        if not result or match.start() >= result[-1].end():
            result.append(match)
    return [match.group().strip() for match in result]


def _find_outside_dates(pattern: re.Pattern[str]) -> Callable[[str], list[str]]:
    """Return a function for numbers: the day of a date is no number of days, and its month no number."""
    find = _matches(pattern)
    return lambda text: find(_DATE.sub(" ", text))


def _type(
    name: str, asks: str, find: Callable[[str], list[str]] | re.Pattern[str], required: bool = True
) -> AnswerType:
    finder = _matches(find) if isinstance(find, re.Pattern) else find
    return AnswerType(name, re.compile(asks, re.I), finder, required)


# The more specific types come first: "how long does it take" is no length.
ANSWER_TYPES = (
    _type("email", r"\be-?mails?\b(?: address)?|이메일|메일 ?주소|전자 ?우편", EMAIL),
    _type("phone", r"\b(?:tele)?phone|\bmobile\b|\bcell\b|전화|연락처|휴대폰|핸드폰", PHONE),
    _type("colour", r"\bcolou?rs?\b|색상|색깔|무슨 색", _COLOUR),
    _type("temperature", r"\btemperatures?\b|\bdegrees\b|온도|몇 도(?!착)", _TEMPERATURE),
    _type("weight", r"\bweigh[ts]?\b|\bheavy\b|무게|몇 ?(?:kg|킬로|그램)|무거", _WEIGHT),
    _type("volume", r"\b(?:capacity|volume)\b|용량|몇 ?(?:리터|ml)", _VOLUME, required=False),
    _type(
        "money",
        r"\b(?:price|prices|cost|costs|fee|total|amount)\b|\bhow mu[a-z]*\b(?=.*\b(?:cost|pay|paid"
        r"|charge|is|are|was|for|spend|owe)\b)"
        r"|얼마(?!나)|가격|비용|요금|금액|정가|총액|합계|연봉|참가비|출금액?|입금액?|잔액|보증금|회비|월세",
        find_prices,
    ),
    _type("weekday", r"\b(?:which|what) (?:week)?day(?: of the week)?s?\b|요일", _WEEKDAY),
    _type("year", r"\b(?:which|what) year\b|\byear\b|몇 ?년(?!간)|연도", _YEAR),
    _type("clock", r"\bwhat time\b|몇 ?시(?!간)|시각", _CLOCK),
    _type(
        "duration",
        r"\bhow long\b(?=.*\b(?:take|takes|last|lasts|warranty|wait|stay|rest|bake|cook|until|for|open"
        r"|does|did)\b)|\bduration\b"
        r"|얼마나 (?:걸|오래)|얼마 동안|며칠 ?(?:동안|걸|간)|몇 ?(?:시간|분|개월|일간)",
        _find_outside_dates(_DURATION),
    ),
    _type(
        "time",
        r"\bwhen\b|\bdates?\b|\bdeadline\b|\bby when\b|\buntil when\b|언제|날짜|며칠|기간|마감|생일|기한",
        find_times,
    ),
    _type(
        "length",
        r"\bhow (?:long|tall|high|wide|deep|far)\b|\b(?:length|height|width|distance)\b|길이|높이|너비|거리",
        _LENGTH,
    ),
    _type(
        "person",
        r"\b(?:who'?s?|whom|whose)\b|누가|누구|누군|이름|담당자|\bnames?\b",
        find_people,
        required=False,
    ),
    _type(
        "place",
        r"\b(?:where|which (?:room|city|place|town|country)|what (?:city|place|town)|city|venue"
        r"|location)\b|어디|장소|위치",
        _find_outside_dates(_PLACE),
        required=False,
    ),
    _type(
        "count",
        r"\bhow many\b|몇\s?(?:개|명|권|대|곳|번|가지|마리|장|잔|큰술|층|동|종|쪽|페이지|사람|군데|살|세트)",
        _find_outside_dates(_COUNT),
    ),
    _type("reason", r"\bwhy\b|\breason\b|(?:^|\s)왜|이유|원인", _REASON),
)


def find_answer_type(question: str) -> AnswerType | None:
    """Return the type of fact that *question* asks for first, or None if it may be anything."""
    return next((kind for kind in ANSWER_TYPES if kind.asks.search(question)), None)
