"""The rate limit of a server, read from its headers: those of saved runs, and of one request."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.calls import CallService, new_run
from core.resilience.concurrency.limits import RequestLimit, last_limit, request_limit
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from tests.unit.conftest import profile_for


def limit_headers(limit: str, remaining: str, reset: str) -> dict[str, str]:
    values = {"limit": limit, "remaining": remaining, "reset": reset}
    return {f"x-ratelimit-{name}-requests": value for name, value in values.items()}


@pytest.mark.parametrize(
    ("headers", "age", "expected"),
    [
        (limit_headers("500", "499", "120ms"), 0, RequestLimit(500, 499, 0.12)),
        (limit_headers("60", "10", "50s"), 0, RequestLimit(60, 10, 1)),
        (limit_headers("60", "10", "50s"), 20.5, RequestLimit(60, 30, 1)),
        (limit_headers("60", "10", "50s"), 3600, RequestLimit(60, 60, 1)),
        (limit_headers("60", "60", "0s"), 0, RequestLimit(60, 60, 1)),
        (limit_headers("0", "0", "1s"), 0, None),
        (limit_headers("60", "61", "1s"), 0, None),
        ({}, 0, None),
    ],
)
def test_reads_the_headers(headers: dict[str, str], age: float, expected: RequestLimit | None) -> None:
    assert RequestLimit.of(headers, age) == expected


def test_looks_for_the_last_run_of_the_same_server_and_model() -> None:
    profile = profile_for("http://localhost:1/v1")
    runs = [
        replace(new_run("chat", "e", {"model": model}, server), headers=limit_headers(limit, limit, "0s"))
        for model, server, limit in (
            ("other", profile, "1"),
            ("m", profile_for("http://localhost:2/v1"), "2"),
            ("m", profile, "3"),
            ("m", profile, "4"),
        )
    ]
    without_headers = new_run("chat", "e", {"model": "m"}, profile)

    assert last_limit([without_headers, *runs], profile, "m") == RequestLimit(3, 3, 20)
    assert last_limit(runs[:2], profile, "m") is None


def test_adds_what_was_refilled_since_the_run() -> None:
    profile = profile_for("http://localhost:1/v1")
    run = new_run("chat", "e", {"model": "m"}, profile)
    started_at = datetime.now(UTC) - timedelta(minutes=2)
    old = replace(run, headers=limit_headers("60", "0", "60s"), started_at=started_at, total=1.0)

    assert last_limit([old], profile, "m") == RequestLimit(60, 60, 1)


async def test_sends_one_request_for_the_headers(sandbox: SandboxServer, calls: CallService) -> None:
    key = sandbox.create_client_key()
    sandbox.settings.update({"requests_per_minute": 30}, key)
    profile = profile_for(sandbox.url, key)

    assert await request_limit(calls, profile, "gpt-4o-mini") is None

    saved = RunRepository(calls.open_store(), calls.owner).list()
    limit = last_limit(saved, profile, "gpt-4o-mini")
    assert limit is not None
    assert limit.limit == 30
    assert limit.interval == pytest.approx(2, abs=0.01)
    assert limit.at_once >= 29


async def test_explains_why_the_headers_cannot_be_requested(calls: CallService) -> None:
    error = await request_limit(calls, profile_for("http://127.0.0.1:9/v1"), "m")

    assert error
    assert error.title.startswith("Connection refused")
