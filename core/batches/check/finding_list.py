"""All findings of a check by line. In memory are the numbers of the lines, and some findings of each kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import merge
from itertools import islice

from core.batches.check.findings import FindingKind, LineFinding


@dataclass(frozen=True)
class FindingList:
    """*findings*, and for each further line in *lines_by_kind* one like the first finding of its kind."""

    findings: Sequence[LineFinding]
    lines_by_kind: Mapping[FindingKind, Sequence[int]]

    @cached_property
    def _by_kind(self) -> Mapping[FindingKind, Sequence[LineFinding]]:
        kinds: dict[FindingKind, list[LineFinding]] = {}
        for finding in self.findings:
            kinds.setdefault(finding.kind, []).append(finding)
        return kinds

    def __len__(self) -> int:
        further = (
            len(self.lines_by_kind.get(kind, ())) - len({finding.line for finding in findings} - {None})
            for kind, findings in self._by_kind.items()
        )
        return len(self.findings) + sum(further)

    def __iter__(self) -> Iterator[LineFinding]:
        """Yield the findings of the whole file, then those of the lines in their order."""
        complete = sorted(self.findings, key=_line)
        return merge(complete, *(self._further(kind) for kind in self._by_kind), key=_line)

    def page(self, number: int, size: int) -> list[LineFinding]:
        """Return the findings of a page, counted from 1."""
        return [*islice(self, (number - 1) * size, number * size)]

    def _further(self, kind: FindingKind) -> Iterator[LineFinding]:
        findings = self._by_kind[kind]
        first, known = findings[0], {finding.line for finding in findings}
        is_same = len({finding.message for finding in findings}) == 1
        message = first.message if is_same else f"As in line {first.line or 1:,}: {first.message}"
        for number in self.lines_by_kind.get(kind, ()):
            if number not in known:
                yield replace(first, line=number, message=message)


def _line(finding: LineFinding) -> int:
    return finding.line or 0
