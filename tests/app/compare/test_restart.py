"""What a comparison has after a restart of the app: everything that was typed, and the replies."""

import pytest

from components.compare import comparisons
from components.compare.comparisons import find_comparison
from components.session.drafts import Drafts
from tests.app.compare.conftest import ComparisonClient


async def test_shows_the_comparison_again_after_a_restart(
    comparison: ComparisonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await comparison.post("variants/c/copy")
    await comparison.run()
    await comparison.run("And 6 times 8?", follow_up=True)
    await comparison.post("prompt", text="Half a sent")
    before = await comparison.view()

    # What another process has: the database only.
    monkeypatch.setattr(comparisons, "_comparisons", Drafts())
    assert (await comparison.get()).status_code == 400
    assert find_comparison(comparison.id)

    assert await comparison.view() == before
    assert [len(turn["replies"]) for turn in before["turns"]] == [4, 4]
    assert find_comparison("unknown") is None
