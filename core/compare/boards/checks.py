"""Checks of replies. Each is a value that a board saves, and says why a reply does not pass."""

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.compare.variants.reply import NOT_RECORDED, reply_text
from core.json_schema.patterns import PatternNotChecked, matches
from core.json_schema.validation import validate
from core.prompts.prompts import substitute
from core.runs.run import Run, RunState

EXPECTED = "expected"  # the variable for the expected reply of a case

_PATTERN_SECONDS = 0.2
_QUOTED_CHARACTERS = 80
Similarity = Callable[[str, str, str], float | None]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether a reply has *passed*; None if that is not known, for the *reason*."""

    passed: bool | None
    reason: str


SIMILARITY_UNKNOWN = CheckResult(None, "The similarity has not been computed yet.")


@dataclass(frozen=True, slots=True)
class CheckedReply:
    """A run, the values of its case, and *similarity*, which compares two texts by a model's embeddings."""

    run: Run
    values: Mapping[str, str]
    similarity: Similarity = lambda _model, _a, _b: None


class _ReplyCheck(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    _reads_reply: ClassVar[bool] = True  # and not only figures, which are recorded always
    _verb: ClassVar[str] = ""  # if the label has none

    def evaluate(self, reply: CheckedReply) -> CheckResult:
        """Check *reply*. One that failed is not checked: its failure is counted already."""
        if reply.run.state is not RunState.DONE:
            return CheckResult(None, "There is no complete reply.")
        if self._reads_reply and not reply.run.has_content:
            return CheckResult(None, NOT_RECORDED)
        return self._evaluate(reply)

    @property
    @abstractmethod
    def label(self) -> str:
        """What is required, for the heading of a column."""

    @property
    def requirement(self) -> str:
        """What is required, after the words "the reply"."""
        return f"{self._verb} {self.label}".lstrip()

    @abstractmethod
    def _evaluate(self, reply: CheckedReply) -> CheckResult: ...


class _TextCheck(_ReplyCheck):
    """A check with a text, in which {{variables}} of the case and {{expected}} are replaced."""

    text: str = Field(default="{{expected}}", min_length=1, max_length=100_000)
    ignore_case: bool = True

    def _texts(self, reply: CheckedReply) -> tuple[str, str]:
        """Return the text of the reply and that of the check, as they are compared."""
        text, wanted = reply_text(reply.run), substitute(self.text, reply.values)
        return (text.casefold(), wanted.casefold()) if self.ignore_case else (text, wanted)

    def _evaluate(self, reply: CheckedReply) -> CheckResult:
        if "{{expected}}" in self.text and not reply.values.get(EXPECTED):
            return CheckResult(None, "The case has no expected reply.")
        return self._compare(reply)

    @abstractmethod
    def _compare(self, reply: CheckedReply) -> CheckResult: ...


class Contains(_TextCheck):
    kind: Literal["contains"] = "contains"

    @property
    def label(self) -> str:
        return f"contains {_quote(self.text)}"

    def _compare(self, reply: CheckedReply) -> CheckResult:
        text, wanted = self._texts(reply)
        passed = wanted in text
        return CheckResult(passed, f"{'Contains' if passed else 'Does not contain'} {_quote(wanted)}.")


class NotContains(_TextCheck):
    kind: Literal["not_contains"] = "not_contains"

    @property
    def label(self) -> str:
        return f"does not contain {_quote(self.text)}"

    def _compare(self, reply: CheckedReply) -> CheckResult:
        text, unwanted = self._texts(reply)
        passed = unwanted not in text
        return CheckResult(passed, f"{'Does not contain' if passed else 'Contains'} {_quote(unwanted)}.")


class Equals(_TextCheck):
    """Equal apart from white space, which models write as they like."""

    kind: Literal["equals"] = "equals"

    @property
    def label(self) -> str:
        return f"equals {_quote(self.text)}"

    def _compare(self, reply: CheckedReply) -> CheckResult:
        text, wanted = map(normalise_whitespace, self._texts(reply))
        passed = text == wanted
        return CheckResult(passed, f"Equals {_quote(wanted)}." if passed else f"Is not {_quote(wanted)}.")


class Matches(_ReplyCheck):
    kind: Literal["regex"] = "regex"
    pattern: str = Field(min_length=1, max_length=10_000)

    @property
    def label(self) -> str:
        return f"matches {_quote(self.pattern)}"

    def _evaluate(self, reply: CheckedReply) -> CheckResult:
        try:
            passed = matches(self.pattern, reply_text(reply.run), _PATTERN_SECONDS)
        except PatternNotChecked as error:
            return CheckResult(None, str(error))
        return CheckResult(
            passed, f"{'Matches' if passed else 'Does not match'} the pattern {_quote(self.pattern)}."
        )


class IsJson(_ReplyCheck):
    """Valid JSON, and valid for *schema* if there is one."""

    _verb = "is"
    kind: Literal["json"] = "json"
    json_schema: dict[str, Any] | None = None

    @property
    def label(self) -> str:
        return "JSON valid for the schema" if self.json_schema else "valid JSON"

    def _evaluate(self, reply: CheckedReply) -> CheckResult:
        try:
            value = json.loads(reply_text(reply.run))
        except (ValueError, RecursionError) as error:
            return CheckResult(False, f"Is not valid JSON: {error}"[:300])
        problems = validate(value, self.json_schema) if self.json_schema else []
        if problems:
            more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
            return CheckResult(False, f"{problems[0].field}: {problems[0].message}{more}")
        return CheckResult(True, "Is valid for the schema." if self.json_schema else "Is valid JSON.")


class MaxTokens(_ReplyCheck):
    _reads_reply, _verb = False, "has"
    kind: Literal["max_tokens"] = "max_tokens"
    tokens: int = Field(ge=1)

    @property
    def label(self) -> str:
        return f"at most {self.tokens:,} output tokens"

    def _evaluate(self, reply: CheckedReply) -> CheckResult:
        if reply.run.usage is None:
            return CheckResult(None, "The server did not report how many tokens it used.")
        tokens = reply.run.usage.output_tokens
        return CheckResult(tokens <= self.tokens, f"{tokens:,} output tokens.")


class MaxLatency(_ReplyCheck):
    _reads_reply, _verb = False, "takes"
    kind: Literal["max_latency"] = "max_latency"
    seconds: float = Field(gt=0)

    @property
    def label(self) -> str:
        return f"at most {self.seconds:g} s"

    def _evaluate(self, reply: CheckedReply) -> CheckResult:
        if reply.run.total is None:
            return CheckResult(None, "It is not known how long the call took.")
        return CheckResult(reply.run.total <= self.seconds, f"Took {reply.run.total:.2f} s.")


class MaxCost(_ReplyCheck):
    _reads_reply, _verb = False, "costs"
    kind: Literal["max_cost"] = "max_cost"
    dollars: Decimal = Field(ge=0)

    @property
    def label(self) -> str:
        return f"at most ${self.dollars.normalize():f}"

    def _evaluate(self, reply: CheckedReply) -> CheckResult:
        amount = reply.run.cost.amount if reply.run.cost else None
        if amount is None:
            return CheckResult(None, reply.run.cost.basis if reply.run.cost else "The cost is not known.")
        return CheckResult(amount <= self.dollars, f"Cost ${amount.normalize():f}.")


class IsSimilar(_TextCheck):
    """Near a text in the embeddings of *model*, by the cosine of their angle."""

    _verb = "has a"
    kind: Literal["similarity"] = "similarity"
    model: str = Field(default="text-embedding-3-small", min_length=1, max_length=200)
    minimum: float = Field(default=0.8, ge=-1, le=1)

    @property
    def label(self) -> str:
        return f"similarity of at least {self.minimum:g} to {_quote(self.text)}"

    def texts(self, reply: CheckedReply) -> tuple[str, str]:
        """Return the texts to embed: that of the reply and that of the check."""
        return reply_text(reply.run), substitute(self.text, reply.values)

    def _compare(self, reply: CheckedReply) -> CheckResult:
        texts = self.texts(reply)
        if not all(text.strip() for text in texts):
            return CheckResult(None, "An empty text has no similarity to another.")
        similarity = reply.similarity(self.model, *texts)
        if similarity is None:
            return SIMILARITY_UNKNOWN
        return CheckResult(similarity >= self.minimum, f"Similarity {similarity:.3f}.")


Check = Annotated[
    Contains | NotContains | Equals | Matches | IsJson | MaxTokens | MaxLatency | MaxCost | IsSimilar,
    Field(discriminator="kind"),
]


_CHECK: TypeAdapter[Check] = TypeAdapter(Check)


def parse_check(fields: Mapping[str, Any]) -> Check:
    """Return the check with *fields*, one of which is its kind. Raises ValidationError."""
    return _CHECK.validate_python(fields)


def normalise_whitespace(text: str) -> str:
    """Return *text* with single spaces, so that layout does not count."""
    return " ".join(text.split())


def _quote(text: str) -> str:
    shown = normalise_whitespace(text)
    return f"“{shown if len(shown) <= _QUOTED_CHARACTERS else shown[: _QUOTED_CHARACTERS - 1] + '…'}”"
