"""The sync client in a fixed number of threads."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from openai import OpenAI

from core.resilience.concurrency.strategies.one_request import ask


def ask_all(client: OpenAI, requests: list[dict[str, Any]], limit: int) -> list[Any]:
    """Send the requests from *limit* threads."""
    with ThreadPoolExecutor(limit) as pool:
        return list(pool.map(partial(ask, client), requests))


PARTS = (ask, ask_all)
