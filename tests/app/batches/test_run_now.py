"""A batch whose requests are made now, as the page shows it after they were stopped."""

from datetime import UTC, datetime

from components.batches.repositories import batch_repository, server_address
from core.batches.batch import BatchError, BatchRecord, BatchStatus, RequestCounts
from tests.app.batches.conftest import finish, labels, row
from tests.app.conftest import OpenPage

STOPPED = BatchRecord(
    "a" * 32,
    "sandbox",
    "sandbox",
    "Stopped early",
    "/v1/chat/completions",
    "gpt-6-luna",
    10,
    datetime(2026, 11, 26, tzinfo=UTC),
    status=BatchStatus.STOPPED,
    counts=RequestCounts(10, 4, 0),
    errors=(BatchError("invalid_api_key", "The API key is invalid. Check it in Settings."),),
    results=RequestCounts(10, 4, 0),
    job_id="b" * 32,
)


def test_says_that_the_requests_were_stopped_and_why(open_page: OpenPage) -> None:
    app = open_page("batches")
    assert server_address() == STOPPED.base_url
    batch_repository().save(STOPPED)

    app = finish(app.run())
    assert ":gray-badge[:material/block: Stopped\\: 4 of 10 succeeded]" in row(app, STOPPED.title).label

    app = finish(row(app, STOPPED.title).click().run())
    assert "The API key is invalid" in app.error[0].value
    assert "Resume" in labels(app)
    assert not any(label.startswith("Retry") for label in labels(app))
