"""The tools of the library: their functions, and how a page presents them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from core.tools.definitions.function_tool import FunctionTool
from core.tools.library.calculator import calculate
from core.tools.library.clock import add_to_date, count_days, get_current_time
from core.tools.library.dice import roll_dice
from core.tools.library.notes import search_notes
from core.tools.library.stock_prices import get_stock_price
from core.tools.library.text_statistics import analyse_text
from core.tools.library.units import convert_units
from core.tools.library.weather import get_weather

_function_tool = cache(FunctionTool.of)


@dataclass(frozen=True, slots=True)
class LibraryTool:
    """An entry of the library. *example* is a question that needs the tool."""

    function: Callable[..., object]
    icon: str
    summary: str
    example: str

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def tool(self) -> FunctionTool:
        return _function_tool(self.function)


LIBRARY = (
    LibraryTool(
        get_stock_price,
        "trending_up",
        "Stock price by ticker. Sample data.",
        "애플 주가가 지금 얼마인지 알려줘.",
    ),
    LibraryTool(
        get_weather, "partly_cloudy_day", "Weather in a city. Sample data.", "서울과 파리의 날씨를 비교해 줘."
    ),
    LibraryTool(calculate, "calculate", "Exact arithmetic.", "What is (1250 - 3.5) * 12 / 7?"),
    LibraryTool(
        get_current_time, "schedule", "Time in a time zone.", "What time is it in Seoul and in New York?"
    ),
    LibraryTool(
        add_to_date,
        "event",
        "Date plus days, weeks, months, years.",
        "What date is 45 days after 2026-12-01?",
    ),
    LibraryTool(
        count_days,
        "date_range",
        "Days and working days between dates.",
        "How many working days are there from 2026-12-01 to 2026-12-31?",
    ),
    LibraryTool(convert_units, "straighten", "Units of length, mass, area, …", "32평은 몇 제곱미터야?"),
    LibraryTool(roll_dice, "casino", "Dice, with a seed.", "Roll 2d6 for me."),
    LibraryTool(
        analyse_text,
        "text_fields",
        "Words, sentences, characters.",
        'How many words does "The quick brown fox jumps" have?',
    ),
    LibraryTool(search_notes, "library_books", "Search in sample notes.", "환불은 며칠 걸려?"),
)
