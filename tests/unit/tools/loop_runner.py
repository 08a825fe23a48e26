"""Loops on the server of a test, with one tool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.calls import CallService
from core.tools.definitions.function_tool import FunctionTool
from core.tools.loop.modes import ToolSetup
from core.tools.loop.tool_loop import LoopLimits, ToolLoop
from core.tools.requests.model_api import ToolSettings
from tests.servers import RequestHandler, StubResponse, StubServer, stub_server
from tests.unit.conftest import profile_for

SETTINGS = ToolSettings("stub-model")
LIMITS = LoopLimits(seconds=20, tool_seconds=10)


def price(ticker: str) -> dict[str, Any]:
    """Get a price."""
    return {"ticker": ticker, "price": 10}


PRICE = ToolSetup(FunctionTool.of(price))


class LoopRunner:
    """Starts loops on the server of a test."""

    def __init__(self, calls: CallService) -> None:
        self.calls = calls

    @asynccontextmanager
    async def __call__(
        self,
        handler: RequestHandler | StubResponse,
        *tools: ToolSetup,
        limits: LoopLimits = LIMITS,
        settings: ToolSettings = SETTINGS,
    ) -> AsyncIterator[tuple[ToolLoop, StubServer]]:
        async with stub_server(handler) as server, asyncio.timeout(30):
            loop = ToolLoop("How much?", settings, tools or [PRICE], limits)
            loop.start(self.calls, profile_for(server.url))
            yield loop, server
            await loop.stop()
