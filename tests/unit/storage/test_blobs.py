"""Images of runs, stored once each."""

from hashlib import sha256

import pytest
from sqlalchemy import func, select

from core.runs.run import Run
from core.storage.run_repository import RunRepository
from core.storage.schema import blobs
from core.storage.store import Store

IMAGE = "data:image/png;base64," + "iVBORw0KGgo" * 1_000


@pytest.fixture
def runs(store: Store) -> RunRepository:
    return RunRepository(store, "me")


def image_run(url: str) -> Run:
    part = {"type": "image_url", "image_url": {"url": url}}
    return Run("chat", "/chat/completions", {"messages": [{"role": "user", "content": [part]}]})


def stored_characters(store: Store) -> int:
    """Return the total length of the stored images."""
    return store.read(lambda c: c.scalar(select(func.coalesce(func.sum(func.length(blobs.c.body)), 0)))) or 0


def test_returns_a_request_with_its_image(runs: RunRepository) -> None:
    run = image_run(IMAGE)
    runs.save(run)

    assert runs.get(run.id) == run


def test_stores_an_image_once_for_many_runs(store: Store, runs: RunRepository) -> None:
    for _ in range(5):
        runs.save(image_run(IMAGE))

    assert stored_characters(store) == len(IMAGE)


def test_deletes_an_image_with_the_last_run_that_refers_to_it(store: Store, runs: RunRepository) -> None:
    first, second = image_run(IMAGE), image_run(IMAGE)
    runs.save(first)
    runs.save(second)
    runs.delete(first.id)
    assert stored_characters(store) == len(IMAGE)

    runs.delete(second.id)

    assert stored_characters(store) == 0


def test_does_not_inline_the_image_of_another_owner(store: Store, runs: RunRepository) -> None:
    runs.save(image_run(IMAGE))
    reference = f"blob:{sha256(IMAGE.encode()).hexdigest()}"
    other_owner, run = RunRepository(store, "somebody else"), image_run(reference)
    other_owner.save(run)

    assert other_owner.get(run.id) == run
