"""The items of a job in the database."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import update

from core.calls import new_run
from core.completions.call import ChatCompletionCall
from core.errors.types import NotFound
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runner.queue import DatabaseQueue
from core.runner.repository import JobRepository
from core.runner.work import Budget, Claim, EndedItem, ItemState, WorkItem, WorkJob
from core.runs.run import Event, RunState
from core.storage.run_repository import RunRepository
from core.storage.schema import runs
from core.storage.store import Store
from tests.unit.conftest import profile_for

JOB = WorkJob("lab", "p", "http://127.0.0.1:1/v1", "m", "Title", Budget(Decimal("0.5"), 9), {"schema": "s"})
PROFILE = profile_for("http://127.0.0.1:1/v1")


@pytest.fixture
def jobs(store: Store) -> JobRepository:
    return JobRepository(store, "local")


@pytest.fixture
def queue(jobs: JobRepository) -> DatabaseQueue:
    return jobs.create(JOB, (WorkItem(key, {"text": key}) for key in "abc"))


def prepare(item: WorkItem) -> Claim:
    return Claim(item, new_run("lab", "chat.completions.create", item.data, PROFILE), ChatCompletionCall())


def ended(claim: Claim, state: ItemState = ItemState.DONE, *follow_ups: WorkItem) -> EndedItem:
    cost = Cost(Decimal("0.000000123"), "list price")
    run = replace(claim.run, state=RunState.DONE, text="reply", usage=Usage(2, 3), cost=cost)
    return EndedItem(claim.item, run, [Event(0.1, "end", "done")], state, follow_ups)


def test_saves_a_job(jobs: JobRepository, queue: DatabaseQueue) -> None:
    assert queue.progress().waiting == 3
    assert jobs.get(JOB.id) == JOB


def test_reads_the_items_in_batches(jobs: JobRepository) -> None:
    produced = 0

    def items() -> Iterator[WorkItem]:
        nonlocal produced
        for number in range(1_200):
            produced += 1
            yield WorkItem(str(number))

    queue = jobs.create(JOB, items())
    assert (produced, queue.progress().waiting) == (1_200, 1_200)
    assert [item.key for item in queue.items(limit=3)] == ["0", "1", "2"]


def test_adds_a_key_once(queue: DatabaseQueue) -> None:
    assert queue.enqueue([WorkItem("c"), WorkItem("d"), WorkItem("d", {"text": "second"})]) == 1
    assert [(item.key, item.data) for item in queue.items()][-1] == ("d", {})


def test_claims_by_priority_and_then_in_order(queue: DatabaseQueue) -> None:
    queue.enqueue([WorkItem("urgent", priority=1)])
    claims = [*queue.claim(2, prepare), *queue.claim(9, prepare)]
    assert [claim.item.key for claim in claims] == ["urgent", "a", "b", "c"]
    assert queue.claim(1, prepare) == []


def test_saves_the_run_of_a_claim_before_it_is_sent(queue: DatabaseQueue, store: Store) -> None:
    [claim] = queue.claim(1, prepare)
    assert RunRepository(store).get(claim.run.id).params == {"text": "a"}
    assert queue.items((ItemState.RUNNING,))[0].run_id == claim.run.id


def test_completes_items_with_their_runs_and_what_follows(queue: DatabaseQueue, store: Store) -> None:
    first, second = queue.claim(2, prepare)
    added = queue.complete([ended(first, ItemState.DONE, WorkItem("a/2")), ended(second, ItemState.FAILED)])

    progress = queue.progress()
    assert (added, progress.done, progress.failed, progress.waiting) == (1, 1, 1, 2)
    assert (progress.tokens, progress.cost) == (10, Decimal("0.000000246"))
    repository = RunRepository(store)
    assert repository.get(first.run.id).text == "reply"
    assert repository.events(first.run.id) == [Event(0.1, "end", "done")]


def test_completes_an_item_once(queue: DatabaseQueue) -> None:
    [claim] = queue.claim(1, prepare)
    queue.complete([ended(claim)])
    assert queue.items((ItemState.DONE,))[0].key == "a"
    assert queue.recover() == 0
    assert [claim.item.key for claim in queue.claim(9, prepare)] == ["b", "c"]


def test_gives_back_an_item_without_a_trace(queue: DatabaseQueue, store: Store) -> None:
    claims = queue.claim(2, prepare)
    queue.give_back(claims)
    assert queue.progress().waiting == 3
    assert RunRepository(store).list() == []


def test_leaves_the_items_of_a_living_process_to_it(queue: DatabaseQueue, store: Store) -> None:
    queue.claim(2, prepare)
    store.write(lambda connection: connection.execute(update(runs).values(holder="elsewhere/1/token")))
    assert queue.recover() == 0


def test_recovers_the_items_of_a_dead_process(queue: DatabaseQueue, store: Store) -> None:
    claims = queue.claim(2, prepare)
    queue.complete([ended(claims[0])])
    store.write(
        lambda connection: connection.execute(
            update(runs).values(holder="elsewhere/1/token", alive_until=JOB.created_at.replace(year=2020))
        )
    )
    assert queue.recover() == 1
    assert [claim.item.key for claim in queue.claim(9, prepare)] == ["b", "c"]


def test_lists_unfinished_jobs(jobs: JobRepository, queue: DatabaseQueue) -> None:
    finished = replace(JOB, id="finished")
    jobs.create(finished, [])
    assert [job.id for job in jobs.list("lab")] == ["finished", JOB.id]
    assert [job.id for job in jobs.list("lab", unfinished=True)] == [JOB.id]
    queue.cancel_waiting()
    assert jobs.list("lab", unfinished=True) == []
    assert jobs.list("other") == []


def test_retries_the_failed_items_and_not_the_cancelled_ones(queue: DatabaseQueue) -> None:
    [claim] = queue.claim(1, prepare)
    queue.complete([ended(claim, ItemState.FAILED)])
    queue.cancel_waiting()

    queue.retry_failed()

    assert [item.key for item in queue.items((ItemState.WAITING,))] == ["a"]
    assert [item.key for item in queue.items((ItemState.CANCELLED,))] == ["b", "c"]


def test_changes_a_budget(jobs: JobRepository, queue: DatabaseQueue) -> None:
    jobs.set_budget(JOB.id, Budget(tokens=10))
    assert jobs.get(JOB.id).budget == Budget(tokens=10)
    assert queue.progress().total == 3


def test_hides_jobs_from_other_owners(queue: DatabaseQueue, store: Store) -> None:
    other = JobRepository(store, "somebody else")
    other.delete(JOB.id)
    with pytest.raises(NotFound):
        other.get(JOB.id)
    assert other.list("lab") == []
    assert queue.progress().total == 3


def test_deletes_a_job_with_its_items(jobs: JobRepository, queue: DatabaseQueue) -> None:
    jobs.delete(JOB.id)
    assert queue.progress().total == 0
    with pytest.raises(NotFound):
        jobs.get(JOB.id)


def test_creates_all_jobs_or_none_if_another_one_was_created_since(jobs: JobRepository) -> None:
    number = jobs.latest_number(["lab", "other"])
    one, two, late = (replace(JOB, id=name * 32) for name in "123")

    assert jobs.create_after(number, ["lab"], [(one, [WorkItem("a")]), (two, [WorkItem("a"), WorkItem("b")])])
    assert not jobs.create_after(number, ["lab"], [(late, [WorkItem("a")])])
    assert {job.id for job in jobs.list("lab")} == {one.id, two.id}
    assert jobs.queue(two.id).progress().waiting == 2
    assert jobs.create_after(number, ["other"], [(late, [WorkItem("a")])])
