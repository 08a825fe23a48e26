"""A check of many questions: which tool the model calls with which arguments, against what is expected."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from core.errors.types import PlaygroundError
from core.json_values import json_object, parse_json
from core.runner.work import WorkItem, WorkJob, WorkRequest
from core.runs.run import Run
from core.tools.definition import ToolDefinition
from core.tools.model_api import ModelApi, RequestedCall, ToolSettings

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "tools-check"
MAX_CASES = 1_000
Reply = tuple[RequestedCall, ...]
MAX_REPETITIONS = 20
_NO_CALL = "no call"
_HINT = "The columns are question, tool and arguments. Arguments are a JSON object, and may be empty."


@dataclass(frozen=True, slots=True)
class CheckCase:
    """A question and the expected call: none if *tool* is empty, with any arguments if they are None."""

    question: str
    tool: str = ""
    arguments: Mapping[str, Any] | None = None

    @property
    def expected(self) -> str:
        """The expected call as text."""
        if not self.tool:
            return _NO_CALL
        return f"{self.tool}({'…' if self.arguments is None else _compact(self.arguments)})"

    def matches(self, calls: Sequence[RequestedCall]) -> bool:
        """Whether *calls* are the expected one. Arguments that are not expected are ignored."""
        if not self.tool or not calls:
            return not self.tool and not calls
        if len(calls) != 1 or calls[0].name != self.tool:
            return False
        if self.arguments is None:
            return True
        try:
            actual = json_object(parse_json(calls[0].arguments or "{}"))
        except ValueError:
            return False
        return all(
            name in actual and _comparable(actual[name]) == _comparable(value)
            for name, value in self.arguments.items()
        )


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The replies to the repetitions of a case: how many were as expected, and the most frequent one.

    *agreement* is the share of the most frequent reply; *failed* are requests without a reply.
    """

    case: CheckCase
    replies: int
    passed: int
    most_frequent: str
    agreement: float
    failed: int

    @classmethod
    def of(cls, case: CheckCase, received: Sequence[Reply | None]) -> "CaseResult":
        """Compare the replies to *case* with what it expects; None is a failed request."""
        replies = [reply for reply in received if reply is not None]
        counted = Counter(map(_describe, replies)).most_common(1)
        description, count = counted[0] if counted else ("", 0)
        agreement = count / len(replies) if replies else 0.0
        passed = sum(map(case.matches, replies))
        return cls(case, len(replies), passed, description, agreement, len(received) - len(replies))


class _CheckData(BaseModel):
    """A check as it is saved with its job."""

    cases: list[CheckCase]
    repetitions: int
    settings: ToolSettings
    tools: list[ToolDefinition]


@dataclass(frozen=True, slots=True)
class ToolCheck:
    """The requests of a check: each case *repetitions* times, as the first round of a loop."""

    cases: Sequence[CheckCase]
    repetitions: int
    settings: ToolSettings
    tools: Sequence[ToolDefinition]
    api: ModelApi

    @classmethod
    def of(cls, job: WorkJob, api: ModelApi) -> "ToolCheck":
        """Return the check of a job, such as one to resume."""
        data = _CheckData.model_validate(job.data)
        return cls(data.cases, data.repetitions, data.settings, data.tools, api)

    def job(self, profile: "Profile") -> WorkJob:
        """Create a job, which contains all that is needed to resume it."""
        data = _CheckData(
            cases=[*self.cases],
            repetitions=self.repetitions,
            settings=self.settings,
            tools=[*self.tools],
        )
        questions = f"{len(self.cases):,} question{'' if len(self.cases) == 1 else 's'}"
        title = questions if self.repetitions == 1 else f"{questions}, {self.repetitions} times"
        return WorkJob(
            CAPABILITY,
            profile.id,
            profile.base_url,
            self.settings.model,
            title,
            data=data.model_dump(mode="json"),
        )

    def items(self) -> Iterator[WorkItem]:
        """Return an item for each request, the first repetition of all cases first."""
        for repetition in range(self.repetitions):
            for number in range(len(self.cases)):
                yield WorkItem(f"{number}/{repetition}", {"case": number})

    def prepare(self, item: WorkItem) -> WorkRequest:
        """Build the request of an item."""
        question = self.cases[item.data["case"]].question
        return WorkRequest(
            self.api.build_request(self.settings, self.tools, question, ()), self.api.new_call()
        )

    def read_reply(self, run: Run) -> Reply:
        """Return the calls that the model has requested in *run*."""
        return self.api.read_response(run.response, 1).calls

    def results(self, replies: Mapping[int, Sequence[Reply | None]]) -> list[CaseResult]:
        """Return the result of each case from its replies by its number; None is a failed request."""
        return [CaseResult.of(case, replies.get(number, ())) for number, case in enumerate(self.cases)]


def parse_cases(text: str) -> list[CheckCase]:
    """Read cases from CSV. Raises PlaygroundError."""
    try:
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error as error:
        raise PlaygroundError(f"The file is not valid CSV: {error}", _HINT) from None
    numbered = ((number, row) for number, row in enumerate(rows, 1) if (row.get("question") or "").strip())
    cases = [_parse_case(number, row) for number, row in numbered]
    if not cases:
        raise PlaygroundError("There is no question", _HINT)
    if len(cases) > MAX_CASES:
        raise PlaygroundError(f"There are more than {MAX_CASES:,} questions", "Use fewer of them.")
    return cases


def _parse_case(number: int, row: Mapping[str, str | None]) -> CheckCase:
    text = (row.get("arguments") or "").strip()
    try:
        arguments = parse_json(text) if text else None
    except ValueError:
        arguments = text
    if arguments is not None and not isinstance(arguments, dict):
        raise PlaygroundError(f"The arguments in row {number} are not a JSON object", _HINT)
    return CheckCase((row["question"] or "").strip(), (row.get("tool") or "").strip(), arguments)


def result_rows(results: Sequence[CaseResult]) -> list[dict[str, Any]]:
    """Return the results as rows of a table."""
    return [
        {
            "question": result.case.question,
            "passed": f"{result.passed} of {result.replies}",
            "agreement": result.agreement,
            "expected": result.case.expected,
            "most frequent": result.most_frequent,
            "failed requests": result.failed,
        }
        for result in results
    ]


def _describe(calls: Sequence[RequestedCall]) -> str:
    """Return calls in a form that is the same for the same calls in any order."""
    descriptions = []
    for call in calls:
        try:
            arguments = _compact(parse_json(call.arguments or "{}"))
        except ValueError:
            arguments = call.arguments[:200]
        descriptions.append(f"{call.name}({arguments})")
    return " + ".join(sorted(descriptions)) or _NO_CALL


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:500]


def _comparable(value: Any) -> Any:
    """Return texts without case and surrounding spaces, and anything else unchanged: 1 equals 1.0."""
    return value.strip().casefold() if isinstance(value, str) else value
