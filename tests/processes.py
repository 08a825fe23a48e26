"""Processes of Python that a test starts, and that do not outlive it, however it ends."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Start = Callable[..., Awaitable[Process]]


@asynccontextmanager
async def processes() -> AsyncIterator[Start]:
    """Start processes with arguments and variables of the environment, and kill those left at the end."""
    started: list[Process] = []

    async def start(*arguments: str, **environ: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=Path.cwd(), stdout=PIPE, env=os.environ | environ
        )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def line_of(process: Process) -> str:
    """Return the next line that *process* prints; an empty one at its end."""
    assert process.stdout
    return (await process.stdout.readline()).decode().strip()
