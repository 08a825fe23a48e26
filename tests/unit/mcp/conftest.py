"""The programs of a test end with it."""

import threading
from collections.abc import AsyncIterator

import pytest

from tests.unit.mcp.programs import until


@pytest.fixture(autouse=True)
async def ended_programs() -> AsyncIterator[None]:
    """Wait until asyncio has the exit codes: its threads cannot report them to a loop that is closed."""
    yield
    await until(
        lambda: not any(thread.name.startswith("asyncio-waitpid") for thread in threading.enumerate())
    )
