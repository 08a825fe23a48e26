"""Boards as files."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.client.profile import Profile
from core.compare.boards.board import Case, CellKey
from core.compare.boards.cases import cases_from_file
from core.compare.boards.cells import CellState, cell_states, check_cells
from core.compare.boards.checks import Contains
from core.compare.boards.judge import Judge
from core.compare.boards.repository import BoardRepository
from core.compare.export.board_file import board_from_json, board_to_json
from core.compare.export.script import board_script
from core.compare.export.tables import board_csv, board_json_lines, board_markdown
from core.compare.judging.ratings import Rating
from core.compare.judging.verdicts import Verdict
from core.completions.request import ChatSettings
from core.errors.types import Explanation
from core.files.json_validation import FileValidationError
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for

BOARD = board_of(
    variant_of(id="a", name="=First"), variant_of(id="b", model="gpt-4o"), checks=(Contains(text="Hi"),)
)


def result(key: CellKey) -> Run:
    if key == CellKey("b", "c1", 1):
        return run_of(state=RunState.FAILED, error=Explanation("Refused | by the server", ""))
    return run_of(f"Hi | *{key.case_id}*\n<b>안녕</b>", headers={"x-secret": "s"}, base_url="http://host/v1")


CELLS = cells_of(BOARD, result)
RESULTS = check_cells(BOARD, CELLS)
RATINGS = {CELLS[CellKey("a", "c0", 1)].run.id: Rating(stars=4, comment="Good")}


def test_writes_a_row_of_csv_for_each_cell_that_no_spreadsheet_runs() -> None:
    rows = list(csv.DictReader(io.StringIO(board_csv(BOARD, CELLS, RESULTS, RATINGS).decode("utf-8-sig"))))

    assert len(rows) == 4
    assert rows[0]["variant"] == "'=First"
    assert rows[0]["reply"] == "Hi | *c0*\n<b>안녕</b>"
    assert (rows[0]["variable name"], rows[0]["stars"], rows[0]["check contains “Hi”"]) == (
        "0",
        "4",
        "passed",
    )
    assert (rows[3]["state"], rows[3]["error"]) == ("failed", "Refused | by the server")


def test_writes_a_line_of_json_for_each_cell() -> None:
    rows = [json.loads(line) for line in board_json_lines(BOARD, CELLS, RESULTS, RATINGS).splitlines()]

    assert [(row["model"], row["case"]) for row in rows] == [
        ("gpt-4o-mini", 1),
        ("gpt-4o", 1),
        ("gpt-4o-mini", 2),
        ("gpt-4o", 2),
    ]
    assert rows[0]["checks"] == {"contains “Hi”": True}


def test_writes_a_markdown_table_that_replies_cannot_leave() -> None:
    lines = board_markdown(BOARD, CELLS).splitlines()

    assert lines[2] == "| Case | =First | gpt-4o |"
    assert lines[4] == (
        r"| name: 0 | Hi \| \*c0\*<br>&lt;b>안녕&lt;/b> | Hi \| \*c0\*<br>&lt;b>안녕&lt;/b> |"
    )
    assert lines[5].endswith(r"| Refused \| by the server |")


def test_reads_the_whole_board_that_it_writes() -> None:
    imported = board_from_json(board_to_json(BOARD, CELLS, RATINGS), {"test"}, "test")

    assert imported.board.model_copy(update={"id": BOARD.id}) == BOARD
    assert imported.board.id != BOARD.id
    assert {key: cell.run.text for key, cell in imported.cells.items()} == {
        key: cell.run.text for key, cell in CELLS.items()
    }
    assert {cell.run.id for cell in imported.cells.values()}.isdisjoint(
        cell.run.id for cell in CELLS.values()
    )
    assert list(imported.ratings.values()) == list(RATINGS.values())
    assert cell_states(imported.board, imported.cells) == cell_states(BOARD, CELLS)


def test_writes_earlier_runs_with_each_text_once_and_reads_them(store: Store) -> None:
    boards, reply = BoardRepository(store), "The same long reply of all. " * 50
    boards.save(BOARD)
    for text in ("First answer", reply, reply):
        boards.add_results(BOARD.id, [replace(cell, run=run_of(text)) for cell in CELLS.values()])
    cells, replaced = boards.cells(BOARD.id), boards.replaced_cells(BOARD.id)
    ratings = {replaced[0].run.id: Rating(stars=2)}

    text = board_to_json(BOARD, cells, ratings, earlier=replaced)
    imported = board_from_json(text, {"mine"}, "mine")
    boards.save(imported.board)
    boards.add_results(imported.board.id, [*imported.earlier, *imported.cells.values()])

    assert text.count(reply) == 1
    for key in BOARD.cell_keys():
        runs = boards.earlier_runs(imported.board.id, key)
        assert [run.text for run in runs] == [reply, reply, "First answer"]
        assert [run.started_at for run in runs] == [
            run.started_at for run in boards.earlier_runs(BOARD.id, key)
        ]
    assert set(cell_states(imported.board, boards.cells(imported.board.id)).values()) == {CellState.DONE}
    assert imported.ratings == {imported.earlier[0].run.id: Rating(stars=2)}
    assert boards.count_results(imported.board.id) == 12


def test_reads_the_files_of_its_first_version() -> None:
    file = json.loads(board_to_json(BOARD, CELLS, RATINGS))
    run = file["cells"][0]["run"] | {"text": "A reply. " * 20, "reasoning": ""}
    old = {**file, "version": 1, "cells": [{**file["cells"][0], "run": run}]}
    del old["earlier"], old["texts"]

    imported = board_from_json(json.dumps(old), {"test"}, "test")

    assert [cell.run.text for cell in imported.cells.values()] == ["A reply. " * 20]
    assert not imported.earlier


@pytest.mark.parametrize(
    ("text", "message"), [("unknown", "There is no text unknown"), ("a", "more than 500,000,000 characters")]
)
def test_refuses_texts_that_are_unknown_or_too_long_in_total(text: str, message: str) -> None:
    file = json.loads(board_to_json(BOARD, CELLS, {}))
    cell = {**file["cells"][0], "text": text}
    file |= {"cells": [cell] * 600, "texts": {"a": "x" * 1_000_000}}

    with pytest.raises(FileValidationError, match=message):
        board_from_json(json.dumps(file), {"test"}, "test")


def test_keeps_results_current_on_a_machine_without_the_server() -> None:
    imported = board_from_json(board_to_json(BOARD, CELLS, {}), {"mine"}, "mine")

    assert {variant.profile_id for variant in imported.board.variants} == {"mine"}
    assert CellState.STALE not in cell_states(imported.board, imported.cells).values()


def test_keeps_the_judge_and_its_verdicts_on_a_machine_without_its_server() -> None:
    judge = Judge(profile_id="test", settings=ChatSettings(model="gpt-4o"))
    board = BOARD.model_copy(update={"judge": judge})
    first, second = CellKey("a", "c0", 1), CellKey("b", "c0", 1)
    one, other = CELLS[first].run.id, CELLS[second].run.id
    verdicts = [Verdict(one, other, "second", "Better.", "r"), Verdict(other, one, None, "?")]
    verdicts.append(Verdict(one, "replaced", "tie", ""))

    imported = board_from_json(board_to_json(board, CELLS, {}, verdicts), {"mine"}, "mine")

    assert imported.board.judge == judge.model_copy(update={"profile_id": "mine"})
    one, other = imported.cells[first].run.id, imported.cells[second].run.id
    assert imported.verdicts == [Verdict(one, other, "second", "Better."), Verdict(other, one, None, "?")]


def test_writes_neither_headers_nor_addresses() -> None:
    text = board_to_json(BOARD, CELLS, {})

    assert "x-secret" not in text
    assert "http://host" not in text


def test_imports_no_run_as_running_or_of_another_page() -> None:
    file = json.loads(board_to_json(BOARD, CELLS, {}))
    file["cells"][0]["run"] |= {"state": "running", "capability": "chat"}
    file["cells"][1]["run"] = {"not": "a run"}

    cells = board_from_json(json.dumps(file), {"test"}, "test").cells

    assert len(cells) == 3
    assert {cell.run.capability for cell in cells.values()} == {"compare"}
    assert RunState.RUNNING not in {cell.run.state for cell in cells.values()}


def test_says_on_which_line_a_file_is_not_valid() -> None:
    text = board_to_json(BOARD, CELLS, {}).replace('"repetitions": 1', '"repetitions": 31')

    with pytest.raises(FileValidationError, match=r"Line \d+: board.repetitions"):
        board_from_json(text, {"test"}, "test")


def test_writes_a_script_that_runs_unchanged(sandbox: SandboxServer, tmp_path: Path) -> None:
    tricky = variant_of(
        '{{name}} plus 2? Not {{other}} "{x}" \\d', name='Say "{{name}}"', instructions="Be {brief}."
    )
    board = board_of(
        tricky, variant_of("{{name}}", name="Short"), cases=3, repetitions=2, name='A "board"\n\\'
    )
    script = tmp_path / "compare.py"
    script.write_text(board_script(board, {"test": profile_for(sandbox.url, sandbox.key)}), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, script.name],
        cwd=tmp_path,
        env=os.environ | {"OPENAI_API_KEY": sandbox.key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "12 rows in results.csv" in done.stdout
    assert "Short: 6 replies" in done.stdout
    with (tmp_path / "results.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows} == {"0", "1", "2"}


def test_writes_a_script_that_asks_for_a_missing_key(tmp_path: Path) -> None:
    script = tmp_path / "compare.py"
    script.write_text(board_script(BOARD, {}), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}

    done = subprocess.run(
        [sys.executable, script.name],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "KeyError" not in done.stderr
    assert "OPENAI_API_KEY" in done.stderr.splitlines()[-1]


def test_contains_no_key_in_the_script() -> None:
    profile: Profile = profile_for("http://127.0.0.1:9/v1", "sk-secret-key-123")

    assert "sk-secret" not in board_script(BOARD, {"test": profile})


_TEXTS = st.text(alphabet="'\"=-+@,;5n \t\r\n") | st.text(alphabet=st.characters(codec="utf-8"))


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@given(texts=st.lists(st.tuples(_TEXTS, _TEXTS, st.none() | _TEXTS.filter(bool)), min_size=1, max_size=4))
@example(
    texts=[("-5 + 3 = ?", "'=SUM(A1)", "null"), ('Ada, "the first"', "서울", None), ("a\nb", "{}", "@x")]
)
def test_has_cells_whose_cases_can_be_read_again(
    suffix: str, texts: list[tuple[str, str, str | None]]
) -> None:
    cases = [Case(variables={"name": name, "city": city}, expected=reply) for name, city, reply in texts]
    checks = (Contains(text=";" * 40),)
    board = board_of(variant_of(id="a"), variant_of(id="b"), repetitions=2, checks=checks).with_cases(cases)
    cells = cells_of(board, lambda key: run_of(key.variant_id))
    write = board_csv if suffix == "csv" else board_json_lines
    data = write(board, cells, check_cells(board, cells), {})

    read = cases_from_file(f"board.{suffix}", data if isinstance(data, bytes) else data.encode())

    assert [(case.variables, case.expected) for case in read] == [
        (case.variables, case.expected) for case in cases
    ]
