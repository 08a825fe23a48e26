"""The check of many questions: cases from CSV, what is expected, agreement, and a run on the sandbox."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.calls import CallService
from core.errors.types import PlaygroundError
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import ItemState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tools.catalog import LIBRARY
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.check import CheckCase, Reply, ToolCheck, parse_cases, result_rows
from core.tools.model_api import RequestedCall, ToolChoice, ToolSettings
from tests.unit.conftest import profile_for

CSV = """question,tool,arguments
애플 주가 알려줘,get_stock_price,"{""ticker"": ""aapl""}"
How is the weather in Paris?,get_weather,
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
    return ToolCheck(
        cases, repetitions, ToolSettings("gpt-4o", stream=False), definitions, ChatCompletionsApi()
    )


@pytest.mark.parametrize(
    ("case", "calls", "is_expected"),
    [
        (CheckCase("", "a"), [call("a", '{"x": 1}')], True),
        (CheckCase("", "a", {"x": 1}), [call("a", '{"x": 1.0, "y": 2}')], True),
        (CheckCase("", "a", {"x": "Seoul "}), [call("a", '{"x": "seoul"}')], True),
        (CheckCase("", "a", {"x": None}), [call("a")], False),
        (CheckCase("", "a", {"x": 1}), [call("a", "{")], False),
        (CheckCase("", "a"), [call("b")], False),
        (CheckCase("", "a"), [call("a"), call("a")], False),
        (CheckCase("", "a"), [], False),
        (CheckCase(""), [], True),
        (CheckCase(""), [call("a")], False),
    ],
)
def test_compares_calls_with_the_expected_one(
    case: CheckCase, calls: list[RequestedCall], is_expected: bool
) -> None:
    assert case.matches(calls) is is_expected


def test_reads_cases() -> None:
    first, second, third = parse_cases(CSV)

    assert (first.tool, first.arguments) == ("get_stock_price", {"ticker": "aapl"})
    assert (second.tool, second.arguments) == ("get_weather", None)
    assert third == CheckCase("Hello!")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "question\n\n", "question,arguments\nHi,[1]\n", "question,arguments\nHi,{\n"]
)
def test_explains_an_invalid_file(text: str) -> None:
    with pytest.raises(PlaygroundError) as raised:
        parse_cases(text)

    assert "question, tool and arguments" in raised.value.hint


def test_counts_agreement_over_repetitions() -> None:
    check = check_of(CheckCase("q", "a", {"x": 1}))
    replies: list[Reply | None] = [(call("a", '{"x":1}'),), (call("a", '{ "x": 1 }'),), (call("b"),), None]

    (result,) = check.results({0: replies})

    assert (result.passed, result.replies, result.failed) == (2, 3, 1)
    assert result.agreement == pytest.approx(2 / 3)
    row: dict[str, Any] = result_rows([result])[0]
    assert row["most frequent"] == 'a({"x": 1})'
    assert row["passed"] == "2 of 3"


def test_is_the_same_when_its_job_is_resumed(store: Store) -> None:
    cases = [CheckCase("q", "a", {"x": [1, "é"]}), CheckCase("r")]
    settings = ToolSettings("m", choice=ToolChoice("allowed_tools", ("a", "b")))
    check = replace(check_of(), cases=cases, repetitions=2, settings=settings)
    jobs = JobRepository(store, "local")
    job = check.job(profile_for("http://127.0.0.1:1/v1"))
    jobs.create(job, check.items())

    assert ToolCheck.of(jobs.get(job.id), check.api) == check


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
    assert [(result.passed, result.replies) for result in check.results(replies)] == [(2, 2)] * 3
    await runners.stop_all()
