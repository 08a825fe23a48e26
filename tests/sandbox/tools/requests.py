"""Requests in English and Korean, and the calls that they need."""

from typing import Any


def function(
    name: str, description: str, required: list[str] | None = None, **properties: Any
) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


def text(description: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}

STOCK = function(
    "get_stock_price", "Get the current stock price.", ticker=text("Ticker symbol, such as AAPL")
)
WEATHER = function(
    "get_weather",
    "Get the weather of a city.",
    ["city"],
    city=text(),
    unit=text(enum=["celsius", "fahrenheit"]),
)
TOOLS = [
    STOCK,
    WEATHER,
    function("get_current_time", "Get the current time.", timezone=text("IANA time zone")),
    function("calculate", "Evaluate an arithmetic expression.", expression=text()),
    function(
        "convert_units", "Convert a value between units.", value=NUMBER, from_unit=text(), to_unit=text()
    ),
    function(
        "exchange_rate",
        "Get an exchange rate and convert an amount.",
        ["from_currency", "to_currency"],
        from_currency=text(),
        to_currency=text(),
        amount=NUMBER,
    ),
    function("send_email", "Send an email.", to=text("E-mail address"), subject=text(), body=text()),
    function("roll_dice", "Roll dice.", [], sides=INTEGER, count=INTEGER),
    function(
        "days_between",
        "Days between two dates.",
        start_date=text(format="date"),
        end_date=text(format="date"),
    ),
    function("add_days", "Add days to a date.", date=text(), days=INTEGER),
    function("text_statistics", "Count the characters and words of a text.", text=text()),
    function("search_notes", "Search the notes.", ["query"], query=text(), limit=INTEGER),
]

# Each row: the request, and the calls that it needs.
CALLS: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = [
    ("애플 주가 알려줘", [("get_stock_price", {"ticker": "AAPL"})]),
    ("What's Apple's stock price?", [("get_stock_price", {"ticker": "AAPL"})]),
    ("삼성전자 주가가 얼마야?", [("get_stock_price", {"ticker": "005930.KS"})]),
    (
        "테슬라랑 엔비디아 주가 비교해줘",
        [("get_stock_price", {"ticker": "TSLA"}), ("get_stock_price", {"ticker": "NVDA"})],
    ),
    ("서울 날씨 어때?", [("get_weather", {"city": "Seoul"})]),
    (
        "What's the weather in Paris and London?",
        [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "London"})],
    ),
    (
        "What is the weather in Seoul in fahrenheit?",
        [("get_weather", {"city": "Seoul", "unit": "fahrenheit"})],
    ),
    ("부산에 우산 가져가야 할까?", [("get_weather", {"city": "Busan"})]),
    ("지금 도쿄 몇 시야?", [("get_current_time", {"timezone": "Asia/Tokyo"})]),
    ("What time is it in New York?", [("get_current_time", {"timezone": "America/New_York"})]),
    ("What is 123 * 456?", [("calculate", {"expression": "123 * 456"})]),
    ("(3+4)*12 계산해줘", [("calculate", {"expression": "(3+4)*12"})]),
    (
        "5마일은 몇 킬로미터야?",
        [("convert_units", {"value": 5, "from_unit": "mile", "to_unit": "kilometer"})],
    ),
    (
        "convert 10 kg to pounds",
        [("convert_units", {"value": 10, "from_unit": "kilogram", "to_unit": "pound"})],
    ),
    (
        "In km, how far is 5 miles?",
        [("convert_units", {"value": 5, "from_unit": "mile", "to_unit": "kilometer"})],
    ),
    (
        "100달러는 몇 원이야?",
        [("exchange_rate", {"from_currency": "USD", "to_currency": "KRW", "amount": 100})],
    ),
    (
        "How much is 250 EUR in USD?",
        [("exchange_rate", {"from_currency": "EUR", "to_currency": "USD", "amount": 250})],
    ),
    (
        "Email bob@example.com with subject 'Lunch' saying 'See you at noon'",
        [("send_email", {"to": "bob@example.com", "subject": "Lunch", "body": "See you at noon"})],
    ),
    ("주사위 두 개 굴려줘", [("roll_dice", {"count": 2})]),
    ("Roll a 20-sided die", [("roll_dice", {"sides": 20})]),
    (
        "how many days between 2026-01-15 and 2026-03-01?",
        [("days_between", {"start_date": "2026-01-15", "end_date": "2026-03-01"})],
    ),
    ("2026-03-01에서 45일 후는 며칠이야?", [("add_days", {"date": "2026-03-01", "days": 45})]),
    ("Count the words: The quick brown fox", [("text_statistics", {"text": "The quick brown fox"})]),
    ("노트에서 휴가 정책 검색해줘", [("search_notes", {"query": "휴가 정책"})]),
    ("Search the notes for the vacation policy", [("search_notes", {"query": "vacation policy"})]),
    (
        "애플 주가랑 서울 날씨 알려줘",
        [("get_stock_price", {"ticker": "AAPL"}), ("get_weather", {"city": "Seoul"})],
    ),
    (
        "What's the weather in Berlin and the stock price of Tesla?",
        [("get_weather", {"city": "Berlin"}), ("get_stock_price", {"ticker": "TSLA"})],
    ),
    ("What date is 45 days after 2026-12-01?", [("add_days", {"date": "2026-12-01", "days": 45})]),
    ("What is the square root of 2?", [("calculate", {"expression": "sqrt(2)"})]),
    ("3의 10제곱은?", [("calculate", {"expression": "3**10"})]),
    ("32평은 몇 제곱미터야?", [("convert_units", {"value": 32, "from_unit": "pyeong", "to_unit": "m²"})]),
    ("90분은 몇 시간이야?", [("convert_units", {"value": 90, "from_unit": "minute", "to_unit": "hour"})]),
    ("글자 수 세어줘: 오늘은 날씨가 좋다", [("text_statistics", {"text": "오늘은 날씨가 좋다"})]),
    ("80의 15%는 얼마야?", [("calculate", {"expression": "(80*15/100)"})]),
    ("What is 80 + 10%?", [("calculate", {"expression": "80*(1+10/100)"})]),
    ("1,250원의 15%는 얼마야?", [("calculate", {"expression": "(1250*15/100)"})]),
    ("3만 5천 원의 10%를 계산해줘", [("calculate", {"expression": "(35000*10/100)"})]),
    ("80달러의 15% 계산해줘", [("calculate", {"expression": "(80*15/100)"})]),
    ("What is 15% of $80.50?", [("calculate", {"expression": "(15/100*80.5)"})]),
    ("What is sqrt(16) + 2?", [("calculate", {"expression": "sqrt(16) + 2"})]),
    ("hello", []),
    ("안녕", []),
    ("explain streaming", []),
    ("What is a context window?", []),
    ("오늘 점심 뭐 먹지?", []),
    ("Tell me a joke", []),
]
