"""Many documents: one click extracts from all of them, and rows can be searched, edited and resumed."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from components.extractor.repositories import extraction_repository, job_repository
from components.runtime import resources
from core.extractor.documents import document_name
from core.extractor.results.outcome import OutcomeKind
from core.extractor.results.repository import ExtractedRow, RowFilter
from core.extractor.schemas.presets import presets
from core.runs import event_loop
from core.sandbox.server import SandboxServer
from tests.app.conftest import OpenPage
from tests.app.extractor.conftest import press, query, text

DOCUMENT = presets()["news"].document
EXAMPLES = [
    document_name(text)
    for preset in (presets()["news"], presets()["review"])
    for text in preset.texts.values()
]


def open_documents(open_page: OpenPage) -> AppTest:
    app = open_page("extractor")
    return app.segmented_control(key="extractor.input").set_value("Documents").run()


def finish(app: AppTest) -> AppTest:
    while any(button.label == "Stop" for button in app.button):
        app.run()
    assert not app.exception
    return app


def rows(search: str = "") -> list[ExtractedRow]:
    return extraction_repository().rows(DOCUMENT.digest, RowFilter(search))


def test_extracts_from_the_examples_with_one_click(open_page: OpenPage) -> None:
    app = open_documents(open_page)

    finish(press(app, "Extract from 4 documents"))

    assert "4 of 4 documents" in text(app)
    assert [row.outcome for row in rows()] == [OutcomeKind.VALID] * 4
    assert [row.document for row in rows()] == EXAMPLES
    assert len(rows("하버시티")) == 1
    assert "4 rows" in text(app)


def test_offers_to_resume_a_job_that_was_stopped(open_page: OpenPage) -> None:
    app = open_documents(open_page)
    press(app, "Extract from 4 documents")
    for job in job_repository().list("extractor"):
        if runner := resources.runners().get(job.id, "local"):
            event_loop.get_loop().call_soon_threadsafe(runner.stop)
            event_loop.run_until_complete(runner.ended.wait())
    app.run()
    if any(button.label == "Resume" for button in app.button):
        press(app, "Resume")

    finish(app)

    assert sorted(row.document for row in rows()) == sorted(EXAMPLES)


def test_validates_an_edited_value(open_page: OpenPage) -> None:
    app = finish(press(open_documents(open_page), "Extract from 4 documents"))
    row = rows()[0]

    extraction_repository().edit(row.id, {**row.value, "sentiment": "great"}, DOCUMENT.schema)

    (edited,) = [other for other in rows() if other.id == row.id]
    assert (edited.outcome, edited.is_edited) == (OutcomeKind.MISMATCH, True)
    assert "sentiment" in edited.problems[0]
    assert "great" in json.dumps(edited.value)
    assert not app.run().exception


def test_shows_the_rows_again_in_another_session(open_page: OpenPage) -> None:
    finish(press(open_documents(open_page), "Extract from 4 documents"))

    app = open_documents(open_page)

    assert "4 rows" in text(app)


def test_starts_anew_with_an_edited_schema(open_page: OpenPage) -> None:
    app = finish(press(open_documents(open_page), "Extract from 4 documents"))

    app.text_input(key="extractor.name.0").set_value("Article").run()

    assert "No rows yet" in text(app)


def test_counts_correct_values_of_documents_with_expected_ones(open_page: OpenPage) -> None:
    app = open_documents(open_page)
    document = {"text": presets()["news"].texts["en"], "expected": {"sentiment": "positive", "title": "x"}}
    upload = app.file_uploader(key="extractor.documents.files")
    upload.upload("news.jsonl", json.dumps(document).encode(), "application/jsonl").run()

    finish(press(app, "Extract from 1 document"))

    assert "**1 of 1** sentiment · **0 of 1** title" in text(app)


def test_names_the_file_that_is_not_readable_and_reads_the_others(open_page: OpenPage) -> None:
    app = open_documents(open_page)
    upload = app.file_uploader(key="extractor.documents.files")
    upload.upload("bad_1.txt", b"\x00\x01\xff").upload("good.txt", b"Ulm is a city.").run()

    assert "1\\.txt: **The file is not text.**" in text(app)
    assert any(button.label == "Extract from 1 document" for button in app.button)


def test_retries_the_documents_that_failed(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    with SandboxServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        server.settings.update({"faults": ["400*2"]})
        app = finish(press(open_documents(open_page), "Extract from 4 documents"))
        assert "2 of 4 documents · 2 failed" in text(app)
        assert [bool(row.problems) for row in rows()].count(True) == 2

        finish(press(app, "Retry 2 failed"))

    assert [row.outcome for row in rows()] == [OutcomeKind.VALID] * 4


def test_shows_the_rows_of_one_job(open_page: OpenPage) -> None:
    app = finish(press(open_documents(open_page), "Extract from 4 documents"))
    finish(press(app, "Extract from 4 documents"))
    assert "8 rows" in text(app)
    jobs = job_repository().list("extractor")

    app.selectbox(key=f"extractor.rows.job.{DOCUMENT.digest[:8]}").set_value(jobs[0].id).run()

    assert "4 rows" in text(app)


def test_shows_its_own_job_beside_that_of_another_tab(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SandboxServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        server.settings.update({"latency": "ttft=30"})
        other = press(open_documents(open_page), "Extract from 4 documents")
        reloaded = open_page("extractor", **query(other))
        app = open_documents(open_page)
        assert [tab.button(key="extractor.documents.start").disabled for tab in (other, reloaded, app)] == [
            True,
            True,
            False,
        ]
        press(app, "Extract from 4 documents")

        press(app, "Stop")
        while any(button.label == "Stop" for button in app.button):
            app.run()
        app.run()

        # Once: by the job that can be resumed.
        assert text(app).count("0 of 4") == 1
        assert [button.label for button in app.button].count("Resume") == 1
        press(other, "Stop")
        finish(other)


def test_does_not_retry_the_documents_that_were_discarded(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SandboxServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        # The job ends at the wrong key of the last call, and its document is waiting again.
        server.settings.update({"faults": ["400*2", "slow=0.01", "401"]})
        app = finish(press(open_documents(open_page), "Extract from 4 documents"))
        assert "1 of 4 documents · 2 failed · 1 waiting" in text(app)

        press(app, "Discard")
        assert "1 of 4 documents · 2 failed · 1 discarded" in text(app)

        finish(press(app, "Retry 2 failed"))
        assert "3 of 4 documents · 1 discarded" in text(app)


def test_shows_what_the_documents_take_before_the_start(open_page: OpenPage) -> None:
    app = open_documents(open_page)

    shown = text(app).replace("\\", "")
    assert re.search(
        r"4 requests · about [\d,]+ input and [\d,]+ output tokens without reasoning · .* · a few seconds",
        shown,
    )


def test_waits_at_the_end_of_the_budget_until_it_is_raised(open_page: OpenPage) -> None:
    app = open_documents(open_page)
    pasted = "\n---\n".join(f"Report {number}" for number in range(30))
    app.text_area(key="extractor.documents.paste").set_value(pasted).run()
    app.number_input(key="extractor.documents.budget.tokens").set_value(900).run()

    finish(press(app, "Extract from 30 documents"))
    (job,) = job_repository().list("extractor")
    assert "**Budget reached:**" in text(app)
    assert 0 < len(rows()) < 30
    # The suggestion is enough for all documents.
    assert (app.number_input(key=f"extractor.budget.{job.id}.tokens").value or 0) > 900
    finish(press(app, "Resume"))

    assert "**Budget reached:**" not in text(app)
    assert "30 of 30 documents" in text(app)
    assert len(rows()) == 30
