"""The rate limit of a server, as its headers report it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.calls import CallService, new_run
from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.types import Explanation
from core.resilience.recorded_runs import CAPABILITY
from core.runner.rate_limit_headers import rate_limit
from core.runs.run import Run

_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """How many requests a server accepts at once, and the seconds after which it accepts each further one.

    *limit* is the largest number at once.
    """

    limit: int
    at_once: int
    interval: float

    @classmethod
    def per_minute(cls, requests: int) -> "RequestLimit":
        """Return a limit of which nothing is used."""
        return cls(requests, requests, 60 / requests)

    @classmethod
    def of(cls, headers: Mapping[str, str], age: float = 0.0) -> "RequestLimit | None":
        """Read the headers of a response that is *age* seconds old; None without valid ones."""
        reported = rate_limit(headers, "requests")
        if reported is None or reported.limit < 1:
            return None
        used = reported.limit - reported.remaining
        interval = reported.reset / used if used and reported.reset else 60 / reported.limit
        at_once = min(reported.limit, reported.remaining + age / interval)
        return cls(int(reported.limit), int(at_once), interval)


def last_limit(runs: Iterable[Run], profile: Profile, model: str) -> RequestLimit | None:
    """Return the limit that the first of *runs* from this server and model reported, as it is now."""
    now = datetime.now(UTC)
    for run in runs:
        if (run.base_url, run.params.get("model")) == (profile.base_url, model):
            age = (now - run.started_at).total_seconds() - (run.total or 0)
            if limit := RequestLimit.of(run.headers, max(0.0, age)):
                return limit
    return None


async def request_limit(calls: CallService, profile: Profile, model: str) -> Explanation | None:
    """Send one short request, whose headers `last_limit` reads, and return its error, if there is one."""
    from core.completions.call import ChatCompletionCall
    from core.errors.groups import EXPECTED_ERRORS

    params = {"model": model, "messages": [{"role": "user", "content": "Say yes."}]}
    run = new_run(CAPABILITY, ChatCompletionCall.endpoint, params, profile)
    try:
        async with asyncio.timeout(_TIMEOUT):
            return (await calls.run(run, ChatCompletionCall(), profile)).error
    except EXPECTED_ERRORS as error:
        return explain(error, base_url=profile.base_url, keys=profile.secrets)
