"""What the check of an input file finds, and what it measures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from core.batches.input.request_line import InputFile


class Severity(StrEnum):
    """An error fails the whole batch or its line; a warning is what the API may accept."""

    ERROR = "error"
    WARNING = "warning"


class FindingKind(NamedTuple):
    """What findings have in common. The inputs of a request have parameters that only differ in a number."""

    code: str
    fix: str | None
    param: str


@dataclass(frozen=True, slots=True)
class LineFinding:
    """A problem of *line*, counted from 1, or of the whole file (None).

    *code* and *param* are those of the API's own error where it has one. *fix* is a key of `FIXES`; None if
    only the author of the file can correct it.
    """

    line: int | None
    code: str
    message: str
    param: str | None = None
    fix: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def kind(self) -> FindingKind:
        return FindingKind(self.code, self.fix, re.sub(r"\d+", "", self.param or ""))


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of a check.

    *findings* are the first ones of each code and kind, *counts* all by code, *fixable* all by fix. *file* is
    None if a line is invalid. *tokens* is the estimate for the prompts of all valid lines, *output_limit* the
    sum of their limits of output tokens, None if a line has none. *models* and *urls* map to their number of
    lines. The requests of *long_lines*, *long_tokens* together, pay the price of a long context.
    *lines_by_kind* has the numbers of all lines with a finding of a kind, *invalid_lines* those of all lines
    with an error of their own.
    """

    file: InputFile | None
    findings: tuple[LineFinding, ...]
    counts: Mapping[str, int]
    fixable: Mapping[str, int]
    lines: int
    bytes: int
    inputs: int
    tokens: int
    output_limit: int | None
    endpoint: str | None
    model: str | None
    models: Mapping[str, int]
    urls: Mapping[str, int]
    errors: int
    warnings: int
    long_lines: int = 0
    long_tokens: int = 0
    invalid_lines: Sequence[int] = ()
    lines_by_kind: Mapping[FindingKind, Sequence[int]] = field(default_factory=dict)

    @property
    def can_submit(self) -> bool:
        """Whether the file can be sent as it is; warnings do not prevent that."""
        return self.file is not None and self.errors == 0

    @property
    def needs_split(self) -> bool:
        """Whether every line is valid, and the file is only too much for one batch."""
        return self.file is not None and self.fixable.get("split", 0) > 0
