"""The lines of an input file, requested now instead of as a batch."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.batch import BatchRecord, BatchStatus, RequestCounts
from core.batches.folder import batch_folder
from core.batches.input.example import example_input
from core.batches.input.request_line import RequestLine
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultTable
from core.batches.retry import prepare_retry
from core.batches.run_now import RunNow, recover_runs
from core.calls import CallService
from core.client.profile import Profile
from core.errors.types import Explanation, PlaygroundError
from core.runner.options import RunnerOptions
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.runners import Runners
from core.runner.work import RunnerState
from core.runs.jobs import Jobs
from core.sandbox.server import SandboxServer
from tests.sandbox.batches.app_batches import AppBatches, chat_request
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ROOT = Path(__file__).parents[3]
TIMEOUT = 60

RUN = """
import asyncio, sys
from pathlib import Path
from core.batches.repository import BatchRepository
from core.batches.run_now import RunNow
from core.calls import CallService
from core.runner.options import RunnerOptions
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.storage.store import Store
from tests.unit.conftest import profile_for

async def main(directory, batch_id, url, key):
    store = Store.open(directory=Path(directory))
    repository = BatchRepository(store)
    calls = CallService(Jobs(), lambda: store, "local", "session", lambda run: None)
    service = RunNow(calls, Runners(), repository, Path(directory))
    options = RunnerOptions(max_concurrency=2)
    runner = await service.start(repository.get(batch_id), profile_for(url, key), options=options)
    while runner.progress.done < 5:
        await asyncio.sleep(0)
    print("some are done", flush=True)
    await runner.wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def batches(app_client: "AsyncOpenAI", repository: BatchRepository, tmp_path: Path) -> AppBatches:
    return AppBatches(app_client, repository, tmp_path)


@pytest.fixture
def profile(server: SandboxServer) -> Profile:
    return profile_for(server.url, server.key)


@pytest.fixture
async def service(repository: BatchRepository, tmp_path: Path) -> AsyncIterator[RunNow]:
    jobs, runners = Jobs(), Runners()
    jobs.session_opened("session")
    calls = CallService(jobs, lambda: repository.store, "local", "session", lambda _run: None)
    yield RunNow(calls, runners, repository, tmp_path)
    await runners.stop_all()
    await jobs.stop_all()


async def ended(service: RunNow, runner: Runner, batch_id: str) -> BatchRecord:
    """Return the record after the end of *runner* has been saved."""
    async with asyncio.timeout(TIMEOUT):
        await runner.wait()
        while (record := service.repository.get(batch_id)).status.is_active:
            await asyncio.sleep(0.01)
    return record


async def test_joins_the_results_as_of_a_batch(
    batches: AppBatches, service: RunNow, profile: Profile
) -> None:
    lines = list(example_input("gpt-6-luna").lines())
    record = batches.prepare(lines)
    record = await ended(service, await service.start(record, profile), record.id)

    assert (record.status, record.headline) == (BatchStatus.COMPLETED, "100 of 100 succeeded")
    assert record.counts == record.results == RequestCounts(100, 100, 0)
    assert record.remote_id is None
    rows = list(ResultTable(service.repository.store, record.id).rows())
    assert [row.custom_id for row in rows] == [line.custom_id for line in lines]
    assert rows[1].text.startswith("The desk")
    assert record.cost == sum(row.cost or 0 for row in rows)
    # There is no discount.
    assert record.cost == record.sync_cost
    assert record.cost

    as_batch = await batches.join(await batches.submit(lines))
    texts = [row.text for row in ResultTable(service.repository.store, as_batch.id).rows()]
    assert texts == [row.text for row in rows]
    assert as_batch.sync_cost == record.cost


async def test_saves_the_vectors_of_embeddings(
    batches: AppBatches, service: RunNow, profile: Profile, tmp_path: Path
) -> None:
    body = {"model": "text-embedding-3-small", "dimensions": 8, "user": "u"}
    lines = [RequestLine(f"id {n}", {**body, "input": ["비", "눈"]}, "/v1/embeddings") for n in range(3)]
    record = batches.prepare(lines)
    record = await ended(service, await service.start(record, profile), record.id)

    table = ResultTable(service.repository.store, record.id)
    assert [row.text for row in table.rows()] == ["2 × 8 dimensions"] * 3
    output = batch_folder(tmp_path, record.id).output_file.read_text().splitlines()
    vectors = [item["embedding"] for item in json.loads(output[0])["response"]["body"]["data"]]
    assert [len(vector) for vector in vectors] == [8, 8]
    assert isinstance(vectors[0][0], float)


async def test_makes_requests_to_the_responses_api(
    batches: AppBatches, service: RunNow, profile: Profile
) -> None:
    def line(number: int, **body: object) -> RequestLine:
        return RequestLine(f"line-{number}", {"model": "gpt-6-luna", "input": "비", **body}, "/v1/responses")

    unknown = {"stop": ["."]}
    lines = [line(0), line(1, max_output_tokens=16, background=True, stream=True), line(2, **unknown)]
    record = batches.prepare(lines)
    record = await ended(service, await service.start(record, profile), record.id)
    rows = list(ResultTable(service.repository.store, record.id).rows())

    assert record.headline == "2 of 3 succeeded"
    assert rows[0].text
    assert rows[0].usage
    assert rows[2].error_code == "unknown_parameter"
    as_batch = await batches.join(await batches.submit([line(0), line(1, max_output_tokens=16), lines[2]]))
    batch_rows = list(ResultTable(service.repository.store, as_batch.id).rows())
    assert [(row.text, row.usage) for row in batch_rows] == [(row.text, row.usage) for row in rows]
    assert record.cost == as_batch.sync_cost
    assert record.cost


async def test_saves_the_errors_of_lines_and_retries_them(
    batches: AppBatches, service: RunNow, profile: Profile, tmp_path: Path
) -> None:
    lines = [chat_request(number, temperature=9 if number == 1 else 1) for number in range(5)]
    record = batches.prepare(lines)
    record = await ended(service, await service.start(record, profile), record.id)
    table = ResultTable(service.repository.store, record.id)
    [failed] = table.page(state=ResultState.FAILED)

    assert record.headline == "4 of 5 succeeded"
    assert (failed.custom_id, failed.status_code) == ("line-1", 400)
    assert "temperature" in failed.error_message

    retried = prepare_retry(record, table, tmp_path)
    assert (retried.job_id, retried.lines) == (None, 1)
    retried = await ended(service, await service.start(retried, profile), retried.id)
    assert retried.headline == "The request failed"


async def test_sends_parameters_that_the_sdk_does_not_know(
    batches: AppBatches, service: RunNow, profile: Profile
) -> None:
    record = batches.prepare([chat_request(0, stream=False, top_k=5)])
    record = await ended(service, await service.start(record, profile), record.id)
    [row] = ResultTable(service.repository.store, record.id).rows()
    assert "top_k" in row.error_message


async def test_stops_and_continues(batches: AppBatches, service: RunNow, profile: Profile) -> None:
    record = batches.prepare([chat_request(number) for number in range(60)])
    options = RunnerOptions(max_concurrency=1)
    runner = await service.start(record, profile, options=options)
    assert await service.start(service.repository.get(record.id), profile) is runner
    await asyncio.wait_for(until(lambda: runner.progress.done > 2), TIMEOUT)
    await service.stop(service.repository.get(record.id))
    stopped = await ended(service, runner, record.id)
    table = ResultTable(service.repository.store, record.id)
    requested = table.counts()[ResultState.SUCCEEDED]

    assert stopped.status == BatchStatus.STOPPED
    assert 2 < stopped.counts.completed == requested < 60
    assert stopped.cost == sum(row.cost or 0 for row in table.rows())
    assert stopped.cost
    record = await ended(service, await service.start(stopped, profile), record.id)
    assert record.headline == "60 of 60 succeeded"
    assert table.counts() == {ResultState.SUCCEEDED: 60}


async def test_cancels_what_is_left(batches: AppBatches, service: RunNow, profile: Profile) -> None:
    record = batches.prepare([chat_request(number) for number in range(60)])
    runner = await service.start(record, profile, options=RunnerOptions(max_concurrency=1))
    await asyncio.wait_for(until(lambda: runner.progress.done > 2), TIMEOUT)
    await service.cancel(service.repository.get(record.id))
    record = await ended(service, runner, record.id)

    assert record.status == BatchStatus.CANCELLED
    counts = ResultTable(service.repository.store, record.id).counts()
    assert counts[ResultState.SUCCEEDED] > 2
    assert counts[ResultState.CANCELLED] == 60 - counts[ResultState.SUCCEEDED]
    with pytest.raises(PlaygroundError):
        await service.start(record, profile)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


async def test_says_why_it_has_stopped(batches: AppBatches, service: RunNow, server: SandboxServer) -> None:
    record = batches.prepare([chat_request(number) for number in range(3)])
    runner = await service.start(record, profile_for(server.url, "wrong"))
    record = await ended(service, runner, record.id)

    assert runner.state is RunnerState.FAILED
    assert (record.status, record.errors[0].code) == (BatchStatus.STOPPED, "invalid_api_key")
    record = await ended(service, await service.start(record, profile_for(server.url, server.key)), record.id)
    assert (record.errors, record.headline) == ((), "3 of 3 succeeded")


async def test_refuses_other_endpoints_and_submitted_batches(
    batches: AppBatches, service: RunNow, profile: Profile
) -> None:
    moderation = RequestLine("a", {"model": "omni-moderation-latest", "input": "hi"}, "/v1/moderations")
    with pytest.raises(PlaygroundError, match="cannot be made here"):
        await service.start(batches.prepare([moderation]), profile)
    submitted = await batches.submit([chat_request(0)])
    with pytest.raises(PlaygroundError, match="running, or has ended"):
        await service.start(submitted, profile)
    uncertain = replace(batches.prepare([chat_request(0)]), upload_started=True, input_file_id="file-1")
    with pytest.raises(PlaygroundError, match="being submitted"):
        await service.start(replace(uncertain, submission_error=Explanation("Offline", "")), profile)
    batch_folder(batches.directory, submitted.id).delete()
    with pytest.raises(PlaygroundError, match="was deleted"):
        await service.start(submitted, profile)


async def test_continues_after_a_kill(
    batches: AppBatches, service: RunNow, server: SandboxServer, tmp_path: Path
) -> None:
    record = batches.prepare([chat_request(number) for number in range(200)])
    service.repository.save(record)
    arguments = ("-c", RUN, str(tmp_path), record.id, server.url, server.key)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    async with asyncio.timeout(TIMEOUT):
        assert await process.stdout.readline() == b"some are done\n"
        process.kill()
        await process.wait()
    folder = batch_folder(tmp_path, record.id)
    with folder.output_file.open("ab") as file:
        file.write(b'{"custom_id": "li')  # as if it was killed in the middle of a line
    done = JobRepository(service.repository.store, "local").queue(
        str(service.repository.get(record.id).job_id)
    )
    assert 5 <= done.progress().done < 200

    [recovered] = recover_runs(service.repository, tmp_path)
    assert recovered.status == BatchStatus.STOPPED
    assert recovered.counts.completed >= 5
    assert recover_runs(service.repository, tmp_path) == []
    record = await ended(
        service, await service.start(recovered, profile_for(server.url, server.key)), record.id
    )

    assert record.headline == "200 of 200 succeeded"
    results = [
        json.loads(line)["custom_id"]
        for line in folder.output_file.read_text().splitlines()
        if line[-1] == "}"
    ]
    # Only the few requests that were under way, or whose end was not saved yet, are made again.
    assert 200 <= len(results) <= 210
    assert {*results} == {f"line-{number}" for number in range(200)}
