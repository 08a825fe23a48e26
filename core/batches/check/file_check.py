"""Check an input file: every line, and what holds for all of them together."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from core.batches.check.body_rules import output_limit
from core.batches.check.findings import CheckReport, FindingKind, LineFinding, Severity
from core.batches.check.line_rules import BatchTarget, check_line
from core.batches.check.line_tokens import input_tokens, line_tokens
from core.batches.check.model_rules import check_input_tokens, check_model, check_prompt_tokens
from core.batches.check.raw_lines import RawLine, find_target, parse_line, raw_lines
from core.batches.input.request_line import InputFile
from core.batches.limits import EMBEDDINGS_URL, batch_endpoints, batch_limits
from core.pricing.prices import price_of

Progress = Callable[[int, int], object]
IsCancelled = Callable[[], bool]

# The memory in use does not grow with the file beyond these.
MAX_LINES = 1_000_000
_MAX_FINDINGS_PER_CODE = 100  # a mistake in all lines leaves room for a rare one
_MAX_FINDINGS_PER_LINE = 200
_MAX_DISTINCT = 100
_MAX_TEXT = 200
PROGRESS_BYTES = 1024 * 1024


class CheckCancelled(Exception):
    """The user has cancelled; nothing was written."""


def check_lines(
    path: Path,
    endpoint: str | None,
    queue_limit: int | None,
    *,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> CheckReport:
    """Check the file in this process. Raises CheckCancelled."""
    target, now = find_target(path, endpoint), datetime.now(UTC)
    price = price_of(target.model or "", now)
    check = _Check(target, long_context=price.long_context_threshold if price else None)
    for line in track(path, on_progress, is_cancelled):
        check.add(line)
    return check.report(path, queue_limit, now.date())


def valid_lines(
    path: Path, target: BatchTarget, *, on_progress: Progress, is_cancelled: IsCancelled
) -> Iterator[bytes]:
    """Yield the lines that have no error. Raises CheckCancelled."""
    check = _Check(target)
    is_valid = True
    for line in track(path, on_progress, is_cancelled):
        # Of a line that is too long, the first part has the finding.
        is_valid = is_valid if line.continued else check.add(line)
        if is_valid:
            yield line.data


def track(path: Path, on_progress: Progress, is_cancelled: IsCancelled) -> Iterator[RawLine]:
    """Yield the lines of the file, reporting the bytes read and their total. Raises CheckCancelled."""
    total = path.stat().st_size
    done = reported = 0
    for line in raw_lines(path):
        yield line
        done += len(line.data)
        if done - reported >= PROGRESS_BYTES:
            reported = done
            on_progress(done, total)
            if is_cancelled():
                raise CheckCancelled
    on_progress(total, total)


@dataclass(slots=True)
class _Check:
    """The state of a check: its findings and counts so far."""

    target: BatchTarget
    findings: list[LineFinding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    fixable: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)
    models: Counter[str] = field(default_factory=Counter)
    model_lines: dict[str, int] = field(default_factory=dict)
    urls: Counter[str] = field(default_factory=Counter)
    digest: Any = field(default_factory=hashlib.sha256)
    lines: int = 0
    bytes: int = 0
    inputs: int = 0
    tokens: int = 0
    output_limit: int | None = 0
    long_context: int | None = None
    long_lines: int = 0
    long_tokens: int = 0
    invalid_lines: "array[int]" = field(default_factory=lambda: array("I"))
    lines_by_kind: "dict[FindingKind, array[int]]" = field(default_factory=dict)

    def add(self, raw: RawLine) -> bool:
        """Check a line, and return whether it has no error."""
        errors = self.severities[Severity.ERROR]
        self._add(raw)
        is_valid = self.severities[Severity.ERROR] == errors
        if not is_valid:
            self.invalid_lines.append(raw.number)
        return is_valid

    def _add(self, raw: RawLine) -> None:
        self.digest.update(raw.data)
        self.bytes += len(raw.data)
        if raw.has_mark:
            message = "The line starts with a byte order mark."
            self._record(LineFinding(raw.number, "byte_order_mark", message, fix="byte_order_mark"))
        if raw.is_blank:
            self._record(LineFinding(raw.number, "blank_line", "The line is blank.", fix="blank_line"))
        elif not raw.continued:
            self.lines += 1
            if self.lines <= MAX_LINES:
                self._add_line(raw)

    def _add_line(self, raw: RawLine) -> None:
        line = parse_line(raw)
        if isinstance(line, LineFinding):
            self._record(line)
            return
        findings = [*islice(check_line(line, self.target), _MAX_FINDINGS_PER_LINE)]
        findings += self._check_duplicate(line, raw.number)
        body, url = line.get("body"), line.get("url")
        self._count(self.urls, url)
        if isinstance(body, dict):
            model = body.get("model")
            self._count(self.models, model)
            if isinstance(model, str) and model in self.models:
                self.model_lines.setdefault(model, raw.number)
            if isinstance(url, str) and not any(item.severity is Severity.ERROR for item in findings):
                findings += self._measure(body, url)
        for finding in findings:
            self._record(replace(finding, line=raw.number))

    def _check_duplicate(self, line: Mapping[str, Any], number: int) -> Iterator[LineFinding]:
        custom_id = line.get("custom_id")
        if isinstance(custom_id, str) and custom_id:
            # Of an id that is too long to be one, only the digest stays in memory.
            is_long = len(custom_id) > _MAX_TEXT
            key = hashlib.sha256(custom_id.encode()).hexdigest() if is_long else custom_id
            first = self.first_lines.setdefault(key, number)
            if first != number:
                message = f"The custom_id {custom_id[:80]!r} is also that of line {first:,}."
                yield LineFinding(None, "duplicate_custom_id", message, "custom_id", "duplicate")

    def _measure(self, body: Mapping[str, Any], url: str) -> Iterator[LineFinding]:
        """Add up the tokens of a valid line, and yield the limits of one request that they exceed."""
        if url == EMBEDDINGS_URL:
            counts = input_tokens(body)
            self.inputs += len(counts)
            self.tokens += sum(counts)
            yield from check_input_tokens(counts)
            return
        tokens = line_tokens(body, url)
        self.tokens += tokens
        if self.long_context is not None and tokens > self.long_context:
            self.long_lines += 1
            self.long_tokens += tokens
        limit = output_limit(body, batch_endpoints()[url])
        has_limits = limit is not None and self.output_limit is not None
        self.output_limit = (self.output_limit or 0) + (limit or 0) if has_limits else None
        yield from check_prompt_tokens(tokens, str(body["model"]))

    def report(self, path: Path, queue_limit: int | None, today: date) -> CheckReport:
        has_invalid_line = self.severities[Severity.ERROR] > 0 or not 0 < self.lines <= MAX_LINES
        for model, number in self.model_lines.items():
            for finding in check_model(model, self.target.endpoint, today):
                has_invalid_line |= finding.severity is Severity.ERROR
                self._record(replace(finding, line=number), always=True)
        for finding in self._check_totals(path, queue_limit):
            self._record(finding, always=True)
        endpoint, model_id = self.target.endpoint, self.target.model
        is_valid = not has_invalid_line and endpoint is not None and model_id is not None
        file = InputFile(
            path, self.lines, self.bytes, endpoint or "", model_id or "", self.digest.hexdigest()
        )
        return CheckReport(
            file=file if is_valid else None,
            findings=tuple(sorted(self.findings, key=lambda finding: finding.line or 0)),
            counts=dict(self.counts),
            fixable=dict(self.fixable),
            lines=self.lines,
            bytes=self.bytes,
            inputs=self.inputs,
            tokens=self.tokens,
            output_limit=self.output_limit,
            endpoint=endpoint,
            model=model_id,
            models=dict(self.models),
            urls=dict(self.urls),
            errors=self.severities[Severity.ERROR],
            warnings=self.severities[Severity.WARNING],
            long_lines=self.long_lines,
            long_tokens=self.long_tokens,
            invalid_lines=self.invalid_lines,
            lines_by_kind=self.lines_by_kind,
        )

    def _check_totals(self, path: Path, queue_limit: int | None) -> Iterator[LineFinding]:
        limits = batch_limits()
        if not self.lines:
            yield LineFinding(None, "empty_file", "The file has no requests.")
        if self.lines > MAX_LINES:
            message = f"Only the first {MAX_LINES:,} lines were checked. Use fewer lines."
            yield LineFinding(None, "too_many_tasks", message)
        if path.suffix != ".jsonl":
            message = "The name of the file must end with .jsonl."
            yield LineFinding(None, "invalid_file_format", message, fix="file_name")
        totals = (
            ("too_many_tasks", "requests", self.lines, limits.lines),
            ("file_too_large", "bytes", self.bytes, limits.bytes),
            ("too_many_tasks", "embedding inputs", self.inputs, limits.embedding_inputs),
        )
        for code, noun, total, limit in totals:
            if total > limit:
                message = f"{total:,} {noun}, at most {limit:,} in one batch."
                yield LineFinding(None, code, message, fix="split")
        if queue_limit is not None and self.tokens > queue_limit:
            message = f"About {self.tokens:,} tokens, at most {queue_limit:,} may wait in the queue."
            yield LineFinding(None, "token_limit_exceeded", message, fix="split", severity=Severity.WARNING)

    @staticmethod
    def _count(counter: Counter[str], value: object) -> None:
        is_short = isinstance(value, str) and len(value) <= _MAX_TEXT
        if is_short and (value in counter or len(counter) < _MAX_DISTINCT):
            counter[str(value)] += 1

    def _record(self, finding: LineFinding, always: bool = False) -> None:
        self.counts[finding.code] += 1
        self.severities[finding.severity] += 1
        if finding.fix:
            self.fixable[finding.fix] += 1
        is_first = finding.line is not None and self._record_line(finding.kind, finding.line)
        if always or is_first or self.counts[finding.code] <= _MAX_FINDINGS_PER_CODE:
            self.findings.append(finding)

    def _record_line(self, kind: FindingKind, number: int) -> bool:
        """Add the number of a line with a finding of *kind*, and return whether it is the first one."""
        is_first = kind not in self.lines_by_kind
        if is_first:
            if len(self.lines_by_kind) == _MAX_DISTINCT:
                return False
            self.lines_by_kind[kind] = array("I")
        numbers = self.lines_by_kind[kind]
        if not numbers or numbers[-1] != number:
            numbers.append(number)
        return is_first
