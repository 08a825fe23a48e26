"""A draft: its file is written, checked, corrected and split in the background, and submitted once."""

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.batches.batch import BatchRecord
from core.batches.check import process
from core.batches.check.findings import CheckReport
from core.batches.draft import BatchDraft, BatchDrafts
from core.batches.folder import batch_folder
from core.batches.input.template import ChatTemplate, CustomIds, EmbeddingTemplate, PromptTemplate
from core.batches.input.template_rows import TemplateRows, rows_file
from core.completions.request import ChatSettings
from core.runs import event_loop
from tests.unit.batches.input_lines import MODEL, Line, chat_line

TEMPLATE = ChatTemplate(PromptTemplate("Summarise {{line}}"), ChatSettings(model=MODEL))
TIMEOUT = 60


@pytest.fixture
async def drafts(tmp_path: Path) -> AsyncIterator[BatchDrafts]:
    event_loop.set_loop(asyncio.get_running_loop())
    yield BatchDrafts(tmp_path)
    event_loop.set_loop(None)


@pytest.fixture
def draft(drafts: BatchDrafts) -> BatchDraft:
    return drafts.create()


async def end(draft: BatchDraft) -> BatchDraft:
    async with asyncio.timeout(TIMEOUT):
        while draft.is_busy:
            await asyncio.sleep(0.01)
    return draft


def report_of(draft: BatchDraft) -> CheckReport:
    assert draft.checked
    return draft.checked.report


def upload(draft: BatchDraft, *lines: Line, name: str = "requests.jsonl") -> None:
    content = "".join(json.dumps(line) + "\n" for line in lines)
    draft.upload = draft.save(name, io.BytesIO(content.encode()))


def take(draft: BatchDraft, directory: Path) -> list[BatchRecord]:
    return draft.take_records("Title", "test", "http://x/v1", directory)


def input_of(record: BatchRecord, directory: Path) -> list[Line]:
    return [*map(json.loads, batch_folder(directory, record.id).input_file.read_text().splitlines())]


async def test_writes_and_checks_a_template(draft: BatchDraft, tmp_path: Path) -> None:
    draft.check_template(TEMPLATE, "서울\n부산\n")
    await end(draft)

    report = report_of(draft)
    assert (report.lines, report.errors, report.model) == (2, 0, MODEL)
    (record,) = take(draft, tmp_path)
    assert (record.source, record.lines, record.tokens) == ("template", 2, report.tokens)
    contents = [line["body"]["messages"][0]["content"] for line in input_of(record, tmp_path)]
    assert contents == ["Summarise 서울", "Summarise 부산"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.csv", "id,line\n1,서울\n"), ("rows.tsv", "line\n서울\n"), ("rows.jsonl", '{"line": "서울"}\n')],
)
async def test_writes_a_template_with_an_uploaded_file(
    draft: BatchDraft, tmp_path: Path, name: str, content: str
) -> None:
    rows = draft.save(name, io.BytesIO(content.encode()))
    draft.check_template(EmbeddingTemplate(PromptTemplate("{{line}}"), "text-embedding-3-small"), rows)
    await end(draft)
    (record,) = take(draft, tmp_path)
    assert input_of(record, tmp_path)[0]["body"]["input"] == "서울"


async def test_leaves_the_rows_of_a_template_beside_the_input_file(draft: BatchDraft, tmp_path: Path) -> None:
    rows = draft.save("rows.csv", io.BytesIO("id,line,city\nx,비,서울\nx,눈,부산\n".encode()))
    template = replace(TEMPLATE, ids=CustomIds("id"))
    draft.check_template(template, rows)
    await end(draft)
    draft.correct()
    await end(draft)
    (record,) = take(draft, tmp_path)
    table = TemplateRows(batch_folder(tmp_path, record.id).input_file).find(["x", "x-2"])
    assert [row["city"] for row in table.values()] == ["서울", "부산"]


async def test_corrects_a_file_and_undoes_it(draft: BatchDraft) -> None:
    upload(draft, chat_line("a"), chat_line("a"), chat_line("b") | {"method": "GET"}, name="requests.txt")
    draft.check_upload()
    await end(draft)
    assert draft.checked
    assert draft.checked.report.counts == {"duplicate_custom_id": 1, "invalid_method": 1}
    assert [change.number for change in draft.checked.changes] == [2, 3]
    assert '+  "custom_id": "a-2"' in draft.checked.changes[0].diff()

    draft.correct()
    await end(draft)
    assert report_of(draft).can_submit

    draft.undo_corrections()
    await end(draft)
    assert report_of(draft).errors == 2
    assert draft.checked.original is None


async def test_splits_by_the_limit_of_the_queue(draft: BatchDraft, tmp_path: Path) -> None:
    upload(draft, *(chat_line(f"row-{number}") for number in range(10)))
    draft.check_upload()
    await end(draft)

    draft.split(report_of(draft).tokens // 2)
    await end(draft)

    records = take(draft, tmp_path)
    assert [record.title for record in records] == ["Title (1 of 2)", "Title (2 of 2)"]
    assert [record.waits_for_queue for record in records] == [True, True]
    ids = [line["custom_id"] for record in records for line in input_of(record, tmp_path)]
    assert ids == [f"row-{number}" for number in range(10)]


async def test_is_submitted_once(draft: BatchDraft, tmp_path: Path) -> None:
    assert take(draft, tmp_path) == []  # not checked
    draft.check_template(TEMPLATE, "서울")
    await end(draft)

    taken = [*take(draft, tmp_path), *take(draft, tmp_path)]

    assert len(taken) == 1


async def test_is_not_submitted_with_an_invalid_line(draft: BatchDraft, tmp_path: Path) -> None:
    draft.upload = draft.save("table.csv", io.BytesIO(b"a,b\n1,2\n"))
    draft.check_upload()
    await end(draft)

    assert [finding.line for finding in report_of(draft).findings] == [1, 2]
    assert take(draft, tmp_path) == []


async def test_reports_why_a_template_cannot_be_written(draft: BatchDraft) -> None:
    draft.check_template(TEMPLATE, " \n")
    await end(draft)
    assert draft.task
    assert draft.task.error
    assert "no requests" in draft.task.error.title


async def test_stops_a_check(draft: BatchDraft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MIN_BYTES", 0)
    upload(draft, *(chat_line(f"row-{number}") for number in range(20_000)))
    draft.check_upload()
    draft.stop()
    await end(draft)
    assert draft.task
    assert draft.task.is_stopped
    assert draft.checked is None


async def test_deletes_the_files_of_earlier_checks(draft: BatchDraft) -> None:
    for text in ("a", "b", "c"):
        draft.check_template(TEMPLATE, text)
        await end(draft)
    assert draft.checked
    path = draft.checked.path
    assert {*draft.folder.iterdir()} == {path, rows_file(path)}


async def test_deletes_old_folders_of_other_processes(drafts: BatchDrafts, tmp_path: Path) -> None:
    folders = [tmp_path / "batch-drafts" / name for name in ("old", "new")]
    for folder in folders:
        folder.mkdir(parents=True)
    os.utime(folders[0], (0, 0))

    draft = drafts.create()

    assert [folder.exists() for folder in folders] == [False, True]
    assert drafts.get(draft.id) is draft
    drafts.discard(draft)
    assert drafts.get(draft.id) is None


async def test_ignores_a_check_that_was_left(draft: BatchDraft) -> None:
    draft.check_template(TEMPLATE, "서울")
    draft.edit()
    draft.check_template(TEMPLATE, "서울\n부산")
    await end(draft)
    assert report_of(draft).lines == 2
