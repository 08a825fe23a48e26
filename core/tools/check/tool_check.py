"""A check of many questions: which tools the model calls with which arguments, against what is expected."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from core.pricing.prices import price_of
from core.pricing.usage import Usage
from core.runner.work import Budget, WorkItem, WorkJob, WorkRequest
from core.runs.run import Run
from core.tools.check.cases import CheckCase
from core.tools.check.expected_calls import CallPair, describe_call, pair_calls
from core.tools.definitions.definition import ToolDefinition
from core.tools.requests.apis import MODEL_APIS, ModelApi
from core.tools.requests.model_api import RequestedCall, ToolSettings

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "tools-check"
Reply = tuple[RequestedCall, ...]
MAX_REPETITIONS = 20
# About what a reply with one call, or with a sentence, takes.
_ASSUMED_OUTPUT_TOKENS = 40
_NO_CALL = "no call"


@dataclass(frozen=True, slots=True)
class ReplyGroup:
    """Replies with the same calls: how many, and their calls beside the expected ones."""

    count: int
    pairs: tuple[CallPair, ...]

    @property
    def is_expected(self) -> bool:
        return all(pair.is_match for pair in self.pairs)

    @property
    def actual(self) -> str:
        """The calls as text."""
        return " + ".join(pair.actual for pair in self.pairs if pair.actual) or _NO_CALL


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The replies to the repetitions of a case, the most frequent first; *failed* requests have none."""

    case: CheckCase
    groups: tuple[ReplyGroup, ...]
    failed: int

    @classmethod
    def of(cls, case: CheckCase, received: Sequence[Reply | None]) -> "CaseResult":
        """Compare the replies to *case* with what it expects; None is a failed request."""
        replies = [reply for reply in received if reply is not None]
        # Sorted, because calls that arrive in another order are the same reply.
        counts = Counter(pair_calls(case.calls, sorted(reply, key=describe_call)) for reply in replies)
        groups = tuple(ReplyGroup(count, pairs) for pairs, count in counts.most_common())
        return cls(case, groups, len(received) - len(replies))

    @property
    def replies(self) -> int:
        return sum(group.count for group in self.groups)

    @property
    def passed(self) -> int:
        """The number of replies that were as expected."""
        return sum(group.count for group in self.groups if group.is_expected)

    @property
    def agreement(self) -> float:
        """The share of the most frequent reply."""
        return self.groups[0].count / self.replies if self.groups else 0.0

    @property
    def expected(self) -> str:
        return " + ".join(map(str, self.case.calls)) or _NO_CALL


class _CheckData(BaseModel):
    """A check as it is saved with its job."""

    cases: list[CheckCase]
    repetitions: int
    settings: ToolSettings
    tools: list[ToolDefinition]


@dataclass(frozen=True, slots=True)
class CheckEstimate:
    """What a check needs. *cost* is in dollars at OpenAI's list price; None if that is unknown."""

    requests: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class ToolCheck:
    """The requests of a check: each case *repetitions* times, as the first round of a loop."""

    cases: Sequence[CheckCase]
    repetitions: int
    settings: ToolSettings
    tools: Sequence[ToolDefinition]

    @classmethod
    def of(cls, job: WorkJob) -> "ToolCheck":
        """Return the check of a job, such as one to resume."""
        data = _CheckData.model_validate(job.data)
        return cls(data.cases, data.repetitions, data.settings, data.tools)

    def job(self, profile: "Profile", budget: Budget | None = None) -> WorkJob:
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
            budget or Budget(),
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
        params = self._api.build_request(self.settings, self.tools, question, ())
        return WorkRequest(params, self._api.new_call())

    def estimate(self, when: datetime) -> CheckEstimate:
        """Estimate the tokens, and their cost at *when*. Raises PlaygroundError without a vocabulary."""
        from core.tokens.encodings import count_tokens, encoding_for_model
        from core.tokens.estimate import estimate_tokens

        model = self.settings.model
        encoding = encoding_for_model(model).name
        # The tools, which are the same in all requests, are counted once, as Chat Completions has them.
        params = MODEL_APIS["chat.completions"].build_request(self.settings, self.tools, "", ())
        fixed = estimate_tokens(params).tokens
        sizes = [fixed + count_tokens(case.question, encoding) for case in self.cases]
        price, cost = price_of(model, when), None
        if price:
            usages = (Usage(size, _ASSUMED_OUTPUT_TOKENS) for size in sizes)
            charges = (price.rates_for(usage.input_tokens).charge(usage)[0] for usage in usages)
            cost = sum(charges, Decimal(0)) * self.repetitions
        requests = len(sizes) * self.repetitions
        return CheckEstimate(requests, sum(sizes) * self.repetitions, _ASSUMED_OUTPUT_TOKENS * requests, cost)

    def read_reply(self, run: Run) -> Reply:
        """Return the calls that the model has requested in *run*."""
        return self._api.read_response(run.response, 1).calls

    def results(self, replies: Mapping[int, Sequence[Reply | None]]) -> list[CaseResult]:
        """Return the result of each case from its replies by its number; None is a failed request."""
        return [CaseResult.of(case, replies.get(number, ())) for number, case in enumerate(self.cases)]

    @property
    def _api(self) -> ModelApi:
        return MODEL_APIS[self.settings.api]


def result_rows(results: Sequence[CaseResult]) -> list[dict[str, Any]]:
    """Return the results as rows of a table."""
    return [
        {
            "question": result.case.question,
            "passed": f"{result.passed} of {result.replies}",
            "agreement": result.agreement,
            "expected": result.expected,
            "most frequent": result.groups[0].actual if result.groups else "",
            "failed requests": result.failed,
        }
        for result in results
    ]
