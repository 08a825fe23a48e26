"""The check of many questions: agreement, an estimate, and runs on the sandbox, with a budget and without."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.calls import CallService
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import ItemState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tokens.estimate import estimate_tokens
from core.tools.check.cases import CheckCase, parse_cases
from core.tools.check.expected_calls import ExpectedCall
from core.tools.check.tool_check import Reply, ToolCheck, result_rows
from core.tools.library.catalog import LIBRARY
from core.tools.requests.model_api import RequestedCall, ToolChoice, ToolSettings
from tests.unit.conftest import profile_for

CSV = """question,tool,arguments
애플 주가 알려줘,get_stock_price,"{""ticker"": ""aapl""}"
How is the weather in Paris?,get_weather,
서울과 파리의 날씨를 비교해 줘.,get_weather,city=파리
,get_weather,city=서울
Hello!,,
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def call(name: str, arguments: str = "{}") -> RequestedCall:
    return RequestedCall("c", name, arguments)


def check_of(*cases: CheckCase, repetitions: int = 1) -> ToolCheck:
    definitions = [entry.tool.definition for entry in LIBRARY]
    return ToolCheck(cases, repetitions, ToolSettings("gpt-4o", stream=False), definitions)


def test_counts_agreement_over_repetitions() -> None:
    check = check_of(CheckCase("q", (ExpectedCall("a", {"x": 1}),)))
    replies: list[Reply | None] = [(call("a", '{"x":1}'),), (call("a", '{ "x": 1 }'),), (call("b"),), None]

    (result,) = check.results({0: replies})

    assert (result.passed, result.replies, result.failed) == (2, 3, 1)
    assert result.agreement == pytest.approx(2 / 3)
    row: dict[str, Any] = result_rows([result])[0]
    assert row["most frequent"] == 'a({"x": 1})'
    assert row["passed"] == "2 of 3"


def test_is_the_same_when_its_job_is_resumed(store: Store) -> None:
    cases = [CheckCase("q", (ExpectedCall("a", {"x": [1, "é"]}), ExpectedCall("b"))), CheckCase("r", ())]
    settings = ToolSettings("m", choice=ToolChoice("allowed_tools", ("a", "b")))
    check = replace(check_of(), cases=cases, repetitions=2, settings=settings)
    jobs = JobRepository(store, "local")
    job = check.job(profile_for("http://127.0.0.1:1/v1"))
    jobs.create(job, check.items())

    assert ToolCheck.of(jobs.get(job.id)) == check


async def test_runs_on_the_sandbox(calls: CallService, store: Store, sandbox: SandboxServer) -> None:
    check = check_of(*parse_cases(CSV), repetitions=2)
    profile = profile_for(sandbox.url, sandbox.key)
    job = check.job(profile)
    queue = JobRepository(store, calls.owner).create(job, check.items())
    runners = Runners()

    await (await runners.start(job, calls, profile, check.prepare)).wait()

    items = queue.items((ItemState.DONE,), 100)
    runs = RunRepository(store).get_many([item.run_id for item in items if item.run_id])
    replies: dict[int, list[Reply | None]] = {}
    for item in items:
        replies.setdefault(item.data["case"], []).append(check.read_reply(runs[str(item.run_id)]))
    assert [(result.passed, result.replies) for result in check.results(replies)] == [(2, 2)] * 4
    await runners.stop_all()


@pytest.mark.parametrize("repetitions", [1, 3])
def test_estimates_the_tokens_of_all_its_requests(repetitions: int) -> None:
    check = check_of(*parse_cases(CSV), repetitions=repetitions)

    estimate = check.estimate(datetime(2026, 11, 1, tzinfo=UTC))

    assert estimate.requests == 4 * repetitions
    whole = [estimate_tokens(check.prepare(item).params).tokens for item in check.items()]
    assert estimate.input_tokens == sum(whole)
    # gpt-4o: $2.50 and $10 per million tokens
    assert estimate.cost == (Decimal("2.5") * sum(whole) + 10 * estimate.output_tokens) / 1_000_000


def test_estimates_no_cost_without_a_price() -> None:
    check = replace(check_of(CheckCase("q", ())), settings=ToolSettings("some-model"))

    assert check.estimate(datetime(2026, 11, 1, tzinfo=UTC)).cost is None
