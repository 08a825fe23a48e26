"""A sandbox without latency, and experiments on it with a clock that sleeping moves forward."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from core.client.profile import Profile
from core.resilience.failures.experiment import PolicyRun, RetryExperiment
from core.resilience.failures.policies import exponential_backoff
from core.resilience.failures.policy import POLICIES, Policy
from core.resilience.failures.scenarios import find_scenario
from core.sandbox.server import SandboxServer

RunPolicy = Callable[..., PolicyRun]
BY_MODULE = {policy.module: policy for policy in POLICIES}


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return Profile(
        id="sandbox",
        name="Sandbox",
        kind="sandbox",
        base_url=sandbox.url,
        api_key=SecretStr(sandbox.key),
    )


class SleepClock:
    """The time, in which a sleep takes no real time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def __call__(self) -> float:
        return time.monotonic() + sum(self.slept)


@pytest.fixture
def sleep_clock(monkeypatch: pytest.MonkeyPatch) -> SleepClock:
    """Replace `time.sleep`, with which all policies wait, by a clock that only counts."""
    clock = SleepClock()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    return clock


@pytest.fixture
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loop of tutorials wait for a fifth of its 1 to 2, 2 to 3, and 4 to 5 seconds."""
    sync_sleep = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 5))
    async_sleep = SimpleNamespace(sleep=lambda seconds: asyncio.sleep(seconds / 5))
    monkeypatch.setattr(exponential_backoff, "time", sync_sleep)
    monkeypatch.setattr(exponential_backoff, "asyncio", async_sleep)


def wait_until_ended(experiment: RetryExperiment, timeout: float = 30.0) -> list[PolicyRun]:
    deadline = time.monotonic() + timeout
    while experiment.is_running:
        assert time.monotonic() < deadline
        Event().wait(0.005)  # not `time.sleep`, which a test may have replaced
    return experiment.runs


@pytest.fixture
def run_policy(profile: Profile) -> RunPolicy:
    """Meet a scenario, given by its id and perhaps another fault, with one policy, given by its module."""

    def run(
        module: str,
        scenario_id: str,
        *,
        fault: str = "",
        is_async: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> PolicyRun:
        policy: Policy = BY_MODULE[module]
        scenario = find_scenario(scenario_id)
        scenario = replace(scenario, fault=fault or scenario.fault)
        experiment = RetryExperiment(scenario, profile, "gpt-4o-mini", is_async, (policy,), clock)
        experiment.start()
        return wait_until_ended(experiment)[0]

    return run
