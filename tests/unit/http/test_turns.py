"""Reads of bulk requests take turns, with other work of the event loop and with the pages."""

import asyncio
from collections.abc import Iterator

import pytest

from core.http.turns import PageRuns, Turns, in_background


@pytest.fixture(autouse=True)
def background() -> Iterator[None]:
    token = in_background.set(True)
    yield
    in_background.reset(token)


async def test_lets_other_work_run_between_reads() -> None:
    turns = Turns(PageRuns())
    order: list[str] = []

    async def read(number: int) -> None:
        await turns.wait()
        order.append(f"read {number}")

    async def other_work() -> None:
        while len(order) < 60:
            order.append("other")
            await asyncio.sleep(0)

    await asyncio.gather(*(read(number) for number in range(40)), other_work())

    reads = [each for each in order if each != "other"]
    assert reads == [f"read {number}" for number in range(40)]
    assert order.index("read 39") - order.index("read 0") > 45


async def test_lets_reads_wait_until_no_page_runs() -> None:
    pages = PageRuns()
    turns = Turns(pages, max_wait=600)
    with pages.running():
        with pages.running():
            read = asyncio.create_task(turns.wait())
        await asyncio.sleep(0.02)
        assert not read.done()

    await read
    assert not pages.is_active


async def test_lets_reads_continue_beside_a_page_that_runs_for_long() -> None:
    pages = PageRuns()
    with pages.running():
        await Turns(pages, max_wait=0).wait()


async def test_gives_reads_a_part_of_the_time_beside_pages_that_leave_no_pause() -> None:
    waits = 0

    class BusyPages(PageRuns):
        @property
        def is_active(self) -> bool:
            nonlocal waits
            waits += 1
            return True

    turns = Turns(BusyPages(), max_wait=0, time_slice=600)

    await asyncio.gather(*(turns.wait() for _ in range(40)))

    assert waits == 1  # not one for each two reads


async def test_skips_a_read_that_was_cancelled() -> None:
    turns = Turns(PageRuns())
    cancelled, *others = [asyncio.create_task(turns.wait()) for _ in range(5)]
    await asyncio.sleep(0)
    cancelled.cancel()

    await asyncio.gather(*others)
    assert cancelled.cancelled()


async def test_lets_a_request_that_somebody_waits_for_read_beside_a_page() -> None:
    pages = PageRuns()
    turns = Turns(pages, max_wait=600)
    in_background.set(False)

    with pages.running():
        await turns.wait()
