"""The weather from sample data, which is not real and says so in every result."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from core.paths import DATA

WEATHER: dict[str, Any] = json.loads((DATA / "tools" / "weather.json").read_text(encoding="utf-8"))


def get_weather(
    city: Annotated[str, Field(description="City, for example Seoul or 서울", max_length=80)],
    unit: Literal["celsius", "fahrenheit"] = "celsius",
) -> dict[str, Any]:
    """Get the current weather in a city."""
    name = city.partition(",")[0].strip().casefold()
    report = next((report for report in WEATHER["cities"] if name in report["names"]), None)
    if report is None:
        known = ", ".join(report["city"] for report in WEATHER["cities"])
        raise ValueError(f"No weather for {city!r}. The sample data has: {known}.")
    celsius = report["temperature"]
    return {
        "city": report["city"],
        "temperature": celsius if unit == "celsius" else round(celsius * 9 / 5 + 32, 1),
        "unit": unit,
        "condition": report["condition"],
        "humidity_percent": report["humidity"],
        "as_of": WEATHER["as_of"],
        "source": "sample data, not a real report",
    }
