"""The saved batches, which a long list searches and a poll reads in part."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.repository import BatchRepository

Prepare = Callable[..., BatchRecord]


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("", ["상품평 요약", "Reviews"]),
        ("review", ["Reviews"]),
        ("상품평", ["상품평 요약"]),
        ("GPT-6", ["상품평 요약", "Reviews"]),
        ("%", []),
    ],
)
def test_searches_titles_and_models(
    repository: BatchRepository, prepare: Prepare, search: str, titles: list[str]
) -> None:
    for title in ("Reviews", "상품평 요약"):
        repository.save(replace(prepare(), title=title))

    assert [record.title for record in repository.list(search=search)] == titles


def test_limits_what_a_search_returns_not_what_it_reads(
    repository: BatchRepository, prepare: Prepare
) -> None:
    for title in ("Reviews", "Other", "Other"):
        repository.save(replace(prepare(), title=title))

    assert [record.title for record in repository.list(limit=1, search="reviews")] == ["Reviews"]


def test_lists_the_batches_in_some_statuses(repository: BatchRepository, prepare: Prepare) -> None:
    ended = replace(prepare(), status=BatchStatus.COMPLETED)
    repository.save(ended)
    prepare()

    assert repository.list(statuses=[BatchStatus.COMPLETED]) == [ended]
