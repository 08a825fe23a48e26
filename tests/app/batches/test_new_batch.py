"""A new batch: from a template or a file, checked, corrected, split, submitted once or run now."""

import json
from typing import Any

import pytest
from openai import OpenAI
from streamlit.testing.v1 import AppTest

from components.batches.repositories import batch_folder, batch_repository
from components.runtime.batches import submission_jobs
from core.batches.batch import BatchRecord, BatchStatus
from tests.app.batches.conftest import check, finish, labels, press, wait_for_check
from tests.app.batches.conftest import text as text_of
from tests.app.conftest import OpenPage

CSV = "id,review\nr-1,The desk arrived late.\nr-2,설명서가 없어요.\n"


@pytest.fixture
def app(open_page: OpenPage, client: OpenAI) -> AppTest:
    """The panel of a new batch."""
    assert client
    return press(open_page("batches"), "New batch")


def text(app: AppTest) -> str:
    return " ".join([text_of(app), *(element.value for element in app.success)])


def chat_line(custom_id: str, **fields: Any) -> dict[str, Any]:
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "안녕"}]}
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body} | fields


def upload_requests(app: AppTest, *lines: object, name: str = "requests.jsonl") -> AppTest:
    choose(app, "batches.new.source", "Input file")
    content = "".join(line if isinstance(line, str) else f"{json.dumps(line)}\n" for line in lines)
    return upload(app, name, content.encode())


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].upload(name, content, "application/octet-stream").run()
    assert not app.exception
    return app


def choose(app: AppTest, key: str, value: str) -> AppTest:
    return app.segmented_control(key=key).set_value(value).run()


def records() -> list[BatchRecord]:
    return batch_repository().list()


def input_lines(record: BatchRecord) -> list[dict[str, Any]]:
    return [json.loads(line) for line in batch_folder(record.id).input_file.read_text().splitlines()]


def test_submits_the_prefilled_template(app: AppTest) -> None:
    assert "the first 3 of 6 requests" in text(app)

    check(app)
    assert "The file can be submitted." in text(app)
    assert "at OpenAI's list price, saves $" in text(app)
    finish(press(app, "Submit batch"))

    assert "6 of 6 succeeded" in text(app)
    (record,) = records()
    assert (record.title, record.source, record.lines) == ("Summarize in one sentence", "template", 6)
    assert record.tokens > 0


def test_adapts_the_prompt_to_the_columns_of_a_table(app: AppTest) -> None:
    choose(app, "batches.new.rows", "File")
    upload(app, "reviews.csv", CSV.encode())
    assert app.text_area(key="batches.new.prompt").value == "Summarize in one sentence: {{review}}"
    app.selectbox(key="batches.new.ids").set_value("id").run()

    check(app)
    press(app, "Submit batch")

    (record,) = records()
    assert record.title == "reviews"
    assert [line["custom_id"] for line in input_lines(record)] == ["r-1", "r-2"]
    assert "설명서가 없어요" in input_lines(record)[1]["body"]["messages"][0]["content"]


def test_asks_for_replies_with_a_schema(app: AppTest) -> None:
    schema = app.text_area(key="batches.new.schema")
    schema.set_value('{"type": "object", "properties": 7}').run()
    assert "properties" in text(app)
    assert app.button(key="batches.new.check").disabled
    schema.set_value('{"type": "object", "properties": {"summary": {"type": "string"}}}').run()

    check(app)
    assert "Not valid in strict mode" in text(app)
    wait_for_check(press(app, "Correct 6 findings"))
    finish(press(app, "Submit batch"))

    (record,) = records()
    response_format = input_lines(record)[0]["body"]["response_format"]
    assert response_format["json_schema"]["schema"]["additionalProperties"] is False
    assert "summary" in {str(column) for column in app.dataframe[0].value.columns}


def test_names_a_column_that_does_not_exist(app: AppTest) -> None:
    app.text_area(key="batches.new.prompt").set_value("Summarize {{revew}}").run()

    assert "There is no column 'revew'" in text(app)
    assert app.button(key="batches.new.check").disabled


def test_lists_findings_by_line_and_corrects_them(app: AppTest) -> None:
    lines = [chat_line("a"), chat_line("a"), chat_line("b", method="GET")]
    check(upload_requests(app, *lines))

    shown = text(app)
    assert "The API would reject this file: 2 errors" in shown
    assert "Line 2: The custom_id 'a' is also that of line 1." in shown
    assert "Line 3: The method must be POST." in shown
    assert any('+  "method": "POST",' in code.value for code in app.code)
    assert "Submit batch" not in labels(app)

    wait_for_check(press(app, "Correct 2 findings"))
    press(app, "Submit batch")

    (record,) = records()
    assert [line["custom_id"] for line in input_lines(record)] == ["a", "a-2", "b"]
    assert record.source == "upload"


def test_lists_findings_about_different_parameters_apart(app: AppTest) -> None:
    bodies = [chat_line("a")["body"] | extra for extra in ({}, {"stream": True}, {"temperature": 0.5})]
    lines = [chat_line(f"row-{number}", body=body) for number, body in enumerate(bodies)]
    check(upload_requests(app, *lines))

    shown = text(app)
    assert "Line 2: A batch does not support stream" in shown
    assert "Line 3: " in shown
    assert "input tokens in the valid lines" in shown


def test_does_not_check_an_empty_file(app: AppTest) -> None:
    upload_requests(app)

    assert "The file is empty." in text(app)
    assert app.button(key="batches.new.check").disabled


def test_leaves_out_lines_that_cannot_be_corrected(app: AppTest) -> None:
    check(upload_requests(app, chat_line("a"), "{broken\n", chat_line("b", method="GET"), "[]\n"))
    assert "Leave out 2 lines" not in labels(app)
    wait_for_check(press(app, "Correct 1 finding"))
    assert "Lines 2, 4 cannot be corrected here." in text(app)

    wait_for_check(press(app, "Leave out 2 lines"))

    (download,) = app.get("download_button")
    assert download.proto.label.startswith("Download corrected file")
    press(app, "Submit batch")
    (record,) = records()
    assert [line["custom_id"] for line in input_lines(record)] == ["a", "b"]


def test_undoes_corrections(app: AppTest) -> None:
    check(upload_requests(app, chat_line("a"), chat_line("a")))
    wait_for_check(press(app, "Correct 1 finding"))
    assert "The file can be submitted." in text(app)

    wait_for_check(press(app, "Undo"))

    assert "Correct 1 finding" in labels(app)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["\n"], "The file has no requests"),
        (["{not json\n"], "Line 1: This line is not valid JSON"),
        (["[\n", "]\n"], "The file is a JSON array"),
        ([chat_line("a", url="/v1/chat", body=7)], "The body must be a JSON object"),
    ],
)
def test_says_what_is_wrong_with_a_file(app: AppTest, lines: list[Any], problem: str) -> None:
    check(upload_requests(app, *lines))

    assert text(app).count(problem) == 1
    assert not {"Submit batch", "Run now"} & {*labels(app)}


def test_turns_a_table_into_rows_and_back_into_requests(app: AppTest) -> None:
    check(upload_requests(app, CSV, name="reviews.csv"))
    press(app, "Use as rows")
    assert "the first 2 of 2 requests" in text(app)

    press(app, "Remove")
    upload(app, "ready.jsonl", f"{json.dumps(chat_line('a'))}\n".encode())
    press(app, "Use as input file")

    check(app)
    assert "1 request " in text(app)
    assert "The file can be submitted." in text(app)


def test_splits_by_the_queue_limit_and_submits_the_parts(app: AppTest, client: OpenAI) -> None:
    check(app)
    app.number_input(key=f"batches.submit.queue.{draft_id(app)}").set_value(200).run()
    press(app, "Split into batches of at most 200 tokens")
    wait_for_check(app)

    press(app, "Submit 2 batches")
    while any(submission_jobs().is_running(record.id) for record in records()):
        app.run()

    assert sorted(record.title for record in records()) == [
        f"Summarize in one sentence ({number} of 2)" for number in (1, 2)
    ]
    assert sum(record.lines for record in records()) == 6
    assert len(client.batches.list().data) == 2


def test_runs_the_requests_now(app: AppTest, client: OpenAI) -> None:
    check(app)

    finish(press(app, "Run now"))

    (record,) = records()
    assert record.status == BatchStatus.COMPLETED
    assert "6 of 6 succeeded" in text(app)
    assert client.batches.list().data == []


def test_says_which_requests_can_be_run_now(app: AppTest) -> None:
    body = {"model": "omni-moderation-latest", "input": "안녕"}

    check(upload_requests(app, chat_line("a", url="/v1/moderations", body=body)))

    assert "Not for /v1/moderations: only requests to /v1/chat/completions" in text(app)
    assert app.button(key="batches.submit.now").disabled


def test_continues_after_a_reload(app: AppTest, open_page: OpenPage) -> None:
    app.text_area(key="batches.new.text").set_value("one\ntwo").run()
    app.text_area(key="batches.new.prompt").set_value("Translate {{line}}").run()
    query = {"new": draft_id(app)}

    reloaded = open_page("batches", **query)
    assert "the first 2 of 2 requests" in text(reloaded)
    check(reloaded)

    again = open_page("batches", **query)
    assert "The file can be submitted." in text(again)
    press(again, "Submit batch")
    # In another tab, which still shows the draft.
    press(reloaded, "Submit batch")
    press(reloaded, "New batch")
    assert draft_id(reloaded) != query["new"]
    (record,) = records()
    assert [line["body"]["messages"][0]["content"] for line in input_lines(record)] == [
        "Translate one",
        "Translate two",
    ]
    assert "New batch" in labels(open_page("batches", **query))


def test_closes_and_opens_with_the_buttons_of_the_browser(app: AppTest) -> None:
    draft = app.query_params.pop("new")
    assert "New batch" in labels(app.run())

    app.query_params["new"] = draft
    assert "Start over" in labels(app.run())


def test_starts_over(app: AppTest) -> None:
    app.text_area(key="batches.new.prompt").set_value("Translate {{line}}").run()

    press(app, "Start over")

    assert app.text_area(key="batches.new.prompt").value == "Summarize in one sentence: {{line}}"
    press(app, "All batches")
    assert "Submit example" in labels(app)
    assert "New batch" in labels(app)


def draft_id(app: AppTest) -> str:
    return str(app.query_params["new"])
