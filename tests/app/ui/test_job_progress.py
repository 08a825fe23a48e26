"""The progress of a job in words."""

from decimal import Decimal

import pytest

from components.ui.jobs.job_progress import progress_text
from core.runner.work import Budget, WorkProgress


@pytest.mark.parametrize(
    ("progress", "budget", "text"),
    [
        (WorkProgress(), Budget(), "0 of 0 cells"),
        (
            WorkProgress(waiting=1_000, running=8, done=90, saving=2, tokens=1_200, eta=65.0),
            Budget(tokens=5_000),
            "90 of 1,100 cells · 8 running · 2 being saved · 1,000 waiting · 1,200 of 5,000 tokens · "
            "about 1 min 5 s left",
        ),
        (
            WorkProgress(done=1, failed=2, cancelled=3, cost=Decimal("0.5")),
            Budget(cost=Decimal(1)),
            "1 of 6 cells · 2 failed · 3 discarded · $0.50 of $1.00",
        ),
    ],
    ids=["empty", "running", "ended"],
)
def test_counts_every_item_once(progress: WorkProgress, budget: Budget, text: str) -> None:
    assert progress_text(progress, budget, "cells") == text
