"""Group commits: what is saved together."""

import asyncio
from collections.abc import Sequence

from core.runner.group_commit import GroupCommit


async def test_saves_the_first_value_at_once_and_the_next_ones_together() -> None:
    batches: list[list[int]] = []

    def save(values: Sequence[int]) -> None:
        batches.append(list(values))

    commit = GroupCommit(save, interval=0.5)
    await commit.add(1)
    second = asyncio.create_task(commit.add(2))
    for _ in range(5):  # steps in which a save would start
        await asyncio.sleep(0)
    await asyncio.gather(second, commit.add(3))
    assert batches == [[1], [2, 3]]


async def test_saves_pending_values_at_once_when_flushed() -> None:
    batches: list[list[int]] = []

    def save(values: Sequence[int]) -> None:
        batches.append(list(values))

    commit = GroupCommit(save, interval=3600)
    await commit.add(1)
    last = asyncio.create_task(commit.add(2))
    await asyncio.sleep(0)
    commit.flush()
    await asyncio.wait_for(last, timeout=30)
    assert batches == [[1], [2]]
