"""Stock prices from sample data, which is not real and says so in every result."""

import json
from typing import Annotated, Any

from pydantic import Field

from core.paths import DATA

STOCK_PRICES: dict[str, Any] = json.loads((DATA / "tools" / "stock_prices.json").read_text(encoding="utf-8"))


def get_stock_price(
    ticker: Annotated[str, Field(description="Ticker symbol, for example AAPL for Apple", max_length=20)],
) -> dict[str, Any]:
    """Get the price of a stock by its ticker symbol."""
    quote = STOCK_PRICES["quotes"].get(ticker.strip().upper())
    if quote is None:
        known = ", ".join(STOCK_PRICES["quotes"])
        raise ValueError(f"No price for {ticker!r}. The sample data has: {known}.")
    return {
        "ticker": ticker.strip().upper(),
        **quote,
        "as_of": STOCK_PRICES["as_of"],
        "source": "sample data, not real prices",
    }
