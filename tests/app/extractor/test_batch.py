"""Many documents as a batch: the Batches page gets it, and its results become rows of this page."""

import json

from streamlit.testing.v1 import AppTest

from components.extractor.repositories import batch_repository, extraction_repository, job_repository
from core.batches.batch import BatchRecord
from core.batches.folder import batch_folder
from core.extractor.jobs.batch import CAPABILITY
from core.extractor.results.outcome import OutcomeKind
from core.extractor.schemas.presets import presets
from core.paths import data_directory
from tests.app.conftest import OpenPage
from tests.app.extractor.conftest import press, text
from tests.servers import COMPLETION

DOCUMENT = presets()["news"].document
NEWS = {"title": "T", "summary": "S", "sentiment": "positive", "keywords": ["k"]}
DOCUMENTS = 20


def open_documents(open_page: OpenPage, documents: int = DOCUMENTS) -> AppTest:
    app = open_page("extractor")
    app.segmented_control(key="extractor.input").set_value("Documents").run()
    pasted = "\n---\n".join(f"Report {number}" for number in range(documents))
    return app.text_area(key="extractor.documents.paste").set_value(pasted).run()


def submitted(app: AppTest) -> BatchRecord:
    press(app, "Submit as a batch")
    (record,) = batch_repository().list()
    return record


def receive_results(record: BatchRecord, documents: range) -> None:
    """Do what the Batches page does when the batch has ended: download its output file."""
    message = {"role": "assistant", "content": json.dumps(NEWS), "refusal": None}
    body = {**COMPLETION, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    lines = [
        {"custom_id": f"{number:06d}", "response": {"status_code": 200, "body": body}, "error": None}
        for number in documents
    ]
    path = batch_folder(data_directory(), record.id).output_file
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_opens_the_batch_of_the_documents_by_the_responses_api(open_page: OpenPage) -> None:
    app = open_documents(open_page)
    app.segmented_control(key="extractor.api").set_value("responses").run()

    record = submitted(app)

    assert not app.exception
    assert (record.lines, record.source, record.title) == (DOCUMENTS, "extractor", "NewsItem, 20 documents")
    assert "".join(app.query_params["batch"]) == record.id
    lines = batch_folder(data_directory(), record.id).input_file.read_text().splitlines()
    assert record.endpoint == "/v1/responses"
    assert [json.loads(line)["body"]["input"] for line in lines] == [
        f"Report {number}" for number in range(DOCUMENTS)
    ]


def test_offers_no_batch_for_a_few_documents(open_page: OpenPage) -> None:
    app = open_documents(open_page, DOCUMENTS - 1)

    assert not [button for button in app.button if button.label == "Submit as a batch"]


def test_shows_the_results_as_rows(open_page: OpenPage) -> None:
    record = submitted(open_documents(open_page))
    app = open_page("extractor")
    assert "NewsItem, 20 documents, gpt\\-6\\-luna · 0 of 20 results" in text(app).replace("\\,", ",")

    receive_results(record, range(5))
    assert "5 of 20 results" in text(app.run())
    receive_results(record, range(DOCUMENTS))
    app.run()

    assert "results" not in text(app)
    rows = extraction_repository().rows(DOCUMENT.digest)
    assert [(row.document, row.outcome) for row in rows] == [
        (f"Report {number}", OutcomeKind.VALID) for number in range(DOCUMENTS)
    ]


def test_discards_results_that_nobody_needs(open_page: OpenPage) -> None:
    record = submitted(open_documents(open_page))
    app = open_page("extractor")

    press(app, "Discard")
    receive_results(record, range(DOCUMENTS))
    app.run()

    (job,) = job_repository().list(CAPABILITY)
    assert job_repository().queue(job.id).progress().cancelled == DOCUMENTS
    assert extraction_repository().count(DOCUMENT.digest) == 0
