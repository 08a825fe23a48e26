"""How the policies meet a failure: requests, waits and verdict."""

import json
import re
import time
from itertools import groupby, pairwise
from pathlib import Path
from threading import Event as ThreadEvent

import pytest

from core.calls import CallService
from core.client.profile import Profile
from core.resilience.caching.experiment import CacheRecord
from core.resilience.failures.experiment import RetryExperiment
from core.resilience.failures.policy import POLICIES
from core.resilience.failures.record import RetryRecord
from core.resilience.failures.scenarios import find_scenario
from core.resilience.failures.snippets import policy_snippet
from core.resilience.failures.verdict import Assessment, summary, verdict, waits
from core.resilience.recorded_runs import CAPABILITY, save_runs
from core.resilience.saved_experiments import SavedExperiments
from core.runs.run import Event, Run, RunState
from core.sandbox.server import SandboxServer
from core.snippets import SnippetOptions
from core.storage.owner_settings import RECORD_RUNS, write_setting
from core.storage.run_repository import RunRepository
from tests.scripts import run_snippet
from tests.unit.resilience.conftest import BY_MODULE, RunPolicy, SleepClock, wait_until_ended

MODULES = [policy.module for policy in POLICIES]


@pytest.mark.parametrize("module", MODULES[1:])
def test_waits_within_the_range_of_its_back_off(
    run_policy: RunPolicy, sleep_clock: SleepClock, module: str
) -> None:
    run = run_policy(module, "504", clock=sleep_clock)

    measured = waits(run)
    assert len(run.attempts) == run.policy.max_retries + 1
    assert [wait.seconds for wait in measured] == pytest.approx(sleep_clock.slept, abs=0.1)
    for seconds, wait in zip(sleep_clock.slept, measured, strict=True):
        assert wait.backoff
        assert wait.backoff[0] <= seconds <= wait.backoff[1]


@pytest.mark.parametrize(
    ("module", "statuses"),
    [
        ("no_retries", [429]),
        ("sdk_default", [429, 429, 200]),
        ("tenacity_retries", [429, 429, 200]),
    ],
)
def test_obeys_retry_after_if_it_reads_it(run_policy: RunPolicy, module: str, statuses: list[int]) -> None:
    run = run_policy(module, "rate-limit", fault="429=0.6*2")

    assert [attempt.status for attempt in run.attempts] == statuses
    # Longer than the back-off of the SDK, and of tenacity at the first retry.
    assert all(wait.seconds >= 0.6 for wait in waits(run))
    assert (Assessment("Retry-After obeyed.", passed=True) in verdict(run)) == (len(statuses) > 1)


@pytest.mark.usefixtures("short_backoff")
def test_is_refused_again_if_it_ignores_retry_after(run_policy: RunPolicy) -> None:
    run = run_policy("exponential_backoff", "rate-limit", fault="429=0.4*2")

    assert [attempt.status for attempt in run.attempts] == [429, 429, 429, 200]
    assert any(check.text.startswith("Retry-After ignored") for check in verdict(run))


@pytest.mark.parametrize(
    ("module", "requests", "passed"),
    [
        ("no_retries", 1, True),
        ("sdk_default", 3, False),  # the SDK does not look at the code of a 429
        ("exponential_backoff", 4, False),
        ("tenacity_retries", 1, True),
    ],
)
def test_tells_whether_a_permanent_error_was_left_alone(
    run_policy: RunPolicy, sleep_clock: SleepClock, module: str, requests: int, passed: bool
) -> None:
    run = run_policy(module, "quota", clock=sleep_clock)

    assert len(run.attempts) == requests
    assert [check.passed for check in verdict(run) if check.passed is not None] == [passed]


@pytest.mark.parametrize("scenario_id", ["truncate", "half-event", "flat-error"])
@pytest.mark.parametrize("module", MODULES)
def test_tells_whether_a_cut_was_noticed(
    run_policy: RunPolicy, sleep_clock: SleepClock, module: str, scenario_id: str
) -> None:
    run = run_policy(module, scenario_id, clock=sleep_clock)

    assert [attempt.error for attempt in run.attempts] == [""] * len(run.attempts)
    notices = module == "tenacity_retries"
    assert [check.passed for check in verdict(run) if check.passed is not None] == [notices]
    assert run.reply
    assert run.reply.endswith("20") == notices


def test_says_that_an_empty_reply_was_taken_for_a_success(run_policy: RunPolicy) -> None:
    texts = [check.text for check in verdict(run_policy("sdk_default", "html-stream"))]

    assert "An empty reply was taken for a success." in texts


@pytest.mark.parametrize(
    ("module", "scenario_id", "reason"),
    [
        ("no_retries", "500", "it never retries"),
        ("sdk_default", "504", "its limit is 2 retries"),
        ("sdk_default", "403", "a retry does not help"),
        ("sdk_default", "disconnect", "it does not retry after a response has begun"),
    ],
)
def test_says_why_a_policy_gave_up(
    run_policy: RunPolicy, sleep_clock: SleepClock, module: str, scenario_id: str, reason: str
) -> None:
    run = run_policy(module, scenario_id, clock=sleep_clock)

    assert verdict(run)[0].text.endswith(f": {reason}.")


@pytest.mark.parametrize("is_async", [False, True])
def test_ends_at_once_when_it_is_stopped(profile: Profile, is_async: bool) -> None:
    policy = BY_MODULE["exponential_backoff"]
    saved: list[Run] = []
    experiment = RetryExperiment(
        find_scenario("504"),
        profile,
        "gpt-4o-mini",
        is_async,
        (policy,),
        save=lambda run, _events: saved.append(run),
    )

    experiment.start()
    experiment.stop()

    # It has ended although a thread may sleep for a second before its first retry.
    assert not experiment.is_running
    (run,) = experiment.runs
    assert len(run.attempts) <= 1
    assert (run.reply, run.error) == (None, None)
    assert [each.state for each in saved] == [RunState.STOPPED]
    assert verdict(run)[0].text.startswith("Stopped after")


@pytest.mark.usefixtures("short_backoff")
@pytest.mark.parametrize("is_async", [False, True])
def test_runs_all_policies_at_once_and_saves_their_runs(
    profile: Profile, calls: CallService, is_async: bool
) -> None:
    def save(run: Run, events: list[Event]) -> None:
        save_runs(calls, [(run, events)])

    experiment = RetryExperiment(find_scenario("503"), profile, "gpt-4o-mini", is_async, save=save)

    experiment.start()
    runs = wait_until_ended(experiment)

    assert [run.reply is not None for run in runs] == [False, True, True, True]
    assert re.search(
        r"; No retries raised InternalServerError after [\d.]+ m?s and 1 request\.$", summary(runs)
    )
    for run in runs:
        assert all(first.started < second.started for first, second in pairwise(run.attempts))
    repository = RunRepository(calls.open_store(), calls.owner)
    saved = {run.note.partition(", ")[2]: run for run in repository.list(CAPABILITY)}
    assert {label: run.state for label, run in saved.items()} == {
        policy.label: RunState.DONE if policy.max_retries else RunState.FAILED for policy in POLICIES
    }
    for run in runs:
        record = saved[run.policy.label]
        assert (record.text, record.error) == (run.reply or "", run.explanation)
        assert record.total == run.ended
        assert [attempt.wait for attempt in record.attempts] == [wait.seconds for wait in waits(run)]
        assert record.status == run.attempts[-1].status
    succeeded = repository.get(saved["SDK default"].id)
    assert succeeded.usage
    assert succeeded.cost
    assert succeeded.params["messages"] == [{"role": "user", "content": "Count to 20."}]


def test_saves_the_events_of_each_request(profile: Profile) -> None:
    ended: list[tuple[Run, list[Event]]] = []
    experiment = RetryExperiment(
        find_scenario("truncate"),
        profile,
        "gpt-4o-mini",
        policies=(BY_MODULE["tenacity_retries"],),
        save=lambda run, events: ended.append((run, events)),
    )

    experiment.start()
    wait_until_ended(experiment)

    ((run, events),) = ended
    *cut, complete = [list(group) for _, group in groupby(events, lambda event: event.kind == "sent")][1::2]
    assert [{event.kind for event in group} for group in cut] == [{"headers", "chunk", "retry"}] * 2
    assert [json.loads(group[-1].data)["wait"] for group in cut] == [each.wait for each in run.attempts]
    assert [event.kind for event in complete[-2:]] == ["done", "end"]
    chunks = [json.loads(event.data) for event in complete if event.kind == "chunk"]
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == run.text
    assert [event.at for event in events] == sorted(event.at for event in events)


@pytest.mark.parametrize("scenario_id", ["rate-limit", "403", "truncate", "refused", "content-type"])
def test_is_shown_again_after_a_restart(
    profile: Profile, calls: CallService, sleep_clock: SleepClock, scenario_id: str
) -> None:
    saved = SavedExperiments(calls.open_store(), calls.owner)
    experiment = RetryExperiment(find_scenario(scenario_id), profile, "gpt-4o-mini", clock=sleep_clock)

    experiment.start()
    runs = wait_until_ended(experiment)
    saved.save("errors", RetryRecord.of(experiment))
    record = saved.load("errors", RetryRecord)

    assert record
    restored = record.experiment(profile)
    assert not restored.is_running
    assert summary(restored.runs) == summary(runs)
    for before, after in zip(runs, restored.runs, strict=True):
        assert verdict(after) == verdict(before)
        assert waits(after) == waits(before)
        assert (after.error, after.explanation) == (before.error, before.explanation)


def test_does_not_praise_a_policy_that_was_stopped_before_its_retry(profile: Profile) -> None:
    policy = BY_MODULE["exponential_backoff"]
    experiment = RetryExperiment(find_scenario("403"), profile, "gpt-4o-mini", policies=(policy,))

    experiment.start()
    (run,) = experiment.runs
    deadline = time.monotonic() + 30
    while not (run.attempts and run.attempts[0].is_permanent):
        assert time.monotonic() < deadline
        ThreadEvent().wait(0.005)
    experiment.stop()

    assert not any(check.passed for check in verdict(run))


def test_saves_nothing_that_a_server_has_sent_in_a_record(run_policy: RunPolicy, profile: Profile) -> None:
    experiment = RetryExperiment(find_scenario("wrong-key"), profile, "m", policies=())
    experiment.runs.append(run_policy("no_retries", "403"))

    (attempt,) = RetryRecord.of(experiment).policies[0].attempts

    assert attempt.problem
    assert (attempt.pieces, attempt.tail, attempt.problem.message) == ([], b"", "")


def test_saves_no_record_if_nothing_is_recorded(calls: CallService, profile: Profile) -> None:
    saved = SavedExperiments(calls.open_store(), calls.owner)
    record = RetryRecord.of(RetryExperiment(find_scenario("403"), profile, "m"))
    calls.open_store().write(lambda c: write_setting(c, calls.owner, RECORD_RUNS, "no"))

    saved.save("errors", record)

    assert saved.load("errors", RetryRecord) is None


def test_ignores_a_record_that_it_cannot_read(calls: CallService) -> None:
    saved = SavedExperiments(calls.open_store(), calls.owner)
    saved.save("errors", CacheRecord("same", "e", "m", "m", ()))

    assert saved.load("errors", RetryRecord) is None


def test_sends_the_key_to_no_other_host(profile: Profile) -> None:
    for scenario_id in ("dns", "refused"):
        target = RetryExperiment(find_scenario(scenario_id), profile, "m").target()
        assert profile.key not in target.secrets


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("module", MODULES)
def test_shows_code_that_runs_unchanged(
    sandbox: SandboxServer, profile: Profile, tmp_path: Path, module: str, is_async: bool
) -> None:
    experiment = RetryExperiment(find_scenario("content-type"), profile, "gpt-4o-mini", is_async)
    options = SnippetOptions(sandbox.url, sandbox.key)

    output = run_snippet(policy_snippet(BY_MODULE[module], experiment, options), tmp_path)

    assert output.startswith("1, 2, 3")
