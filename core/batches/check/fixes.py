"""Correct the findings of the check of an input file, where the correction is safe."""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from core.batches.check.file_check import MAX_LINES, IsCancelled, Progress, track, valid_lines
from core.batches.check.findings import CheckReport, LineFinding
from core.batches.check.line_rules import BatchTarget, check_line
from core.batches.check.process import run_isolated
from core.batches.check.raw_lines import RawLine, parse_line, raw_lines
from core.batches.check.schema_rules import correct_schemas
from core.batches.input.request_line import replace_file
from core.batches.limits import api_of_url
from core.errors.types import PlaygroundError
from core.responses.request import chat_params, response_params

FIXES: Mapping[str, str] = {
    "byte_order_mark": "Remove byte order marks",
    "blank_line": "Remove blank lines",
    "file_name": "Save with the extension .jsonl",
    "custom_id": "Give a custom_id to lines without one",
    "duplicate": "Rename duplicate custom ids",
    "method": "Set the method to POST",
    "url": "Set the URL to the endpoint of the batch",
    "body": "Put the request into body",
    "model": "Set the model to that of the other lines",
    "parameter": "Remove parameters that the model or a batch does not support",
    "max_tokens": "Rename max_tokens to max_completion_tokens",
    "api": "Write requests as the API of the batch takes them",
    "schema": "Make schemas valid in strict mode",
    "split": "Split into several batches",
}

# A correction can reveal another finding: a body has been checked only once it is in its place.
_MAX_ROUNDS = 6
_MAX_DIFF_COLUMNS = 400


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line before and after its corrections, keys of `FIXES`. *after* is empty if it is removed."""

    number: int
    fixes: tuple[str, ...]
    before: str
    after: str

    def diff(self, max_lines: int = 200) -> str:
        """Return a unified diff of the line as indented JSON, of its first lines and columns."""
        old, new = (
            [line[:_MAX_DIFF_COLUMNS] for line in _indented(text)[:max_lines]]
            for text in (self.before, self.after)
        )
        return "\n".join(difflib.unified_diff(old, new, "before", "after", lineterm="", n=2))


@dataclass(slots=True)
class _Fixer:
    """Corrects the lines of a file one after the other. *all_ids* are the custom ids of the whole file."""

    target: BatchTarget
    all_ids: set[str]
    seen_ids: set[str] = field(default_factory=set)
    next_numbers: dict[str, int] = field(default_factory=dict)

    def fix(self, raw: RawLine) -> tuple[bytes, tuple[str, ...]]:
        """Return the line and the corrections that were made; a line that cannot be read stays as it is."""
        if raw.is_blank:
            return b"", ("blank_line",)
        data, fixes = raw.content, ["byte_order_mark"] if raw.has_mark else []
        line = parse_line(raw)
        if isinstance(line, LineFinding):
            return data, tuple(fixes)
        changes = [*self._fix_line(line, raw.number), *self._rename_duplicate(line)]
        if changes:
            data = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        return data, tuple(dict.fromkeys([*fixes, *changes]))

    def _fix_line(self, line: dict[str, Any], number: int) -> Iterator[str]:
        for _round in range(_MAX_ROUNDS):
            # One correction of schemas covers all of them.
            fixable = {
                (finding.fix, finding.param if finding.fix == "parameter" else None): finding
                for finding in check_line(line, self.target)
                if finding.fix
            }
            for finding in fixable.values():
                if finding.fix == "custom_id":
                    value = line.get("custom_id")
                    line["custom_id"] = self._unique(str(value) if value else f"line-{number:06}")
                else:
                    _FIX_FUNCTIONS[str(finding.fix)](line, finding, self.target)
                yield str(finding.fix)
            if not fixable:
                return

    def _rename_duplicate(self, line: dict[str, Any]) -> Iterator[str]:
        custom_id = line.get("custom_id")
        if not isinstance(custom_id, str):
            return
        if custom_id in self.seen_ids:
            line["custom_id"] = custom_id = self._unique(custom_id)
            yield "duplicate"
        self.seen_ids.add(custom_id)

    def _unique(self, custom_id: str) -> str:
        """Return *custom_id*, with a number if a line of the file has it."""
        unique = custom_id
        while unique in self.all_ids:
            # Where the search for this id ended, because all lines may have the same one.
            number = self.next_numbers.get(custom_id, 2)
            self.next_numbers[custom_id] = number + 1
            unique = f"{custom_id}-{number}"
        self.all_ids.add(unique)
        return unique


def fix_all(
    path: Path,
    report: CheckReport,
    target: Path,
    *,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Path:
    """Write *path* to *target* with everything corrected that has a fix, and return *target*.

    Lines without such a finding stay as they are, also those that are not JSON. It blocks: call it in a
    thread. Raises CheckCancelled, and PlaygroundError if there are too many lines.
    """
    batch = BatchTarget(report.endpoint, report.model)
    arguments = (path, batch, target)
    return run_isolated(_fix, arguments, path, on_progress=on_progress, is_cancelled=is_cancelled)


def _fix(
    path: Path, batch: BatchTarget, target: Path, *, on_progress: Progress, is_cancelled: IsCancelled
) -> Path:
    ids: set[str] = set()
    for raw in raw_lines(path):
        if raw.number > MAX_LINES:
            raise PlaygroundError(f"The file has more than {MAX_LINES:,} lines.", "Split the file first.")
        ids.update(_custom_ids(raw))
    fixer = _Fixer(batch, ids)
    with replace_file(target) as file:
        for raw in track(path, on_progress, is_cancelled):
            file.write(fixer.fix(raw)[0])
    return target


def leave_out_invalid(
    path: Path,
    report: CheckReport,
    target: Path,
    *,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Path:
    """Write *path* to *target* without the lines that have an error, and return *target*.

    It blocks: call it in a thread. Raises CheckCancelled.
    """
    arguments = (path, BatchTarget(report.endpoint, report.model), target)
    return run_isolated(_leave_out, arguments, path, on_progress=on_progress, is_cancelled=is_cancelled)


def _leave_out(
    path: Path, batch: BatchTarget, target: Path, *, on_progress: Progress, is_cancelled: IsCancelled
) -> Path:
    with replace_file(target) as file:
        file.writelines(valid_lines(path, batch, on_progress=on_progress, is_cancelled=is_cancelled))
    return target


def preview_fixes(path: Path, report: CheckReport, limit: int = 5) -> list[LineChange]:
    """Return the first *limit* lines that `fix_all` changes, as far as the findings of *report* go.

    It does not read the lines after them, so a new custom id may differ from the final one.
    """
    numbers = sorted({finding.line for finding in report.findings if finding.line and finding.fix})[:limit]
    fixer = _Fixer(BatchTarget(report.endpoint, report.model), set())
    changes: list[LineChange] = []
    for raw in raw_lines(path) if numbers else ():
        if raw.number not in numbers:
            fixer.seen_ids.update(_custom_ids(raw))
        elif not raw.continued:
            fixer.all_ids = {*fixer.seen_ids}
            data, fixes = fixer.fix(raw)
            before, after = (part.decode(errors="replace") for part in (raw.data, data))
            changes.append(LineChange(raw.number, fixes, before, after))
        if raw.number >= numbers[-1]:
            break
    return changes


def _custom_ids(raw: RawLine) -> Iterator[str]:
    """Yield the custom id of the line, if it has one."""
    line = None if raw.is_blank else parse_line(raw)
    if isinstance(line, dict) and isinstance(custom_id := line.get("custom_id"), str):
        yield custom_id


def _wrap_body(line: dict[str, Any], _finding: LineFinding, _target: BatchTarget) -> None:
    outer = {"custom_id", "method", "url", "body"}
    line["body"] = {name: line.pop(name) for name in [*line] if name not in outer}


def _remove_parameter(line: dict[str, Any], finding: LineFinding, _target: BatchTarget) -> None:
    *path, name = str(finding.param).split(".")
    holder = line
    for step in path:
        holder = holder[step]
    holder.pop(name, None)


def _convert_body(line: dict[str, Any], _finding: LineFinding, target: BatchTarget) -> None:
    """Write the request of the other API, whose parameters *target* does not have."""
    api = api_of_url(str(line.get("url"))) or api_of_url(str(target.endpoint))
    body = line["body"]
    if api == "responses":
        # What this API lacks and a request would be another without it stays, and is reported.
        line["body"] = response_params(body) | ({"n": body["n"]} if "n" in body else {})
    else:
        line["body"] = chat_params(body)


def _rename_max_tokens(line: dict[str, Any], _finding: LineFinding, _target: BatchTarget) -> None:
    line["body"]["max_completion_tokens"] = line["body"].pop("max_tokens")


# How to correct a line in place. The file needs to be known for the others: an id has to be unique.
_FIX_FUNCTIONS: Mapping[str, Callable[[dict[str, Any], LineFinding, BatchTarget], None]] = {
    "method": lambda line, _finding, _target: line.update(method="POST"),
    "url": lambda line, _finding, target: line.update(url=target.endpoint),
    "body": _wrap_body,
    "model": lambda line, _finding, target: line["body"].update(model=target.model),
    "parameter": _remove_parameter,
    "max_tokens": _rename_max_tokens,
    "api": _convert_body,
    "schema": lambda line, _finding, _target: correct_schemas(line["body"]),
}


def _indented(text: str) -> list[str]:
    try:
        return json.dumps(orjson.loads(text), ensure_ascii=False, indent=2).splitlines()
    except orjson.JSONDecodeError:
        return text.splitlines()
