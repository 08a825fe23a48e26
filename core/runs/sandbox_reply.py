"""How the sandbox made a reply, which it tells in a header of the response."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.runs.run import Run

_HEADER = "x-sandbox-reply"


@dataclass(frozen=True, slots=True)
class SandboxReply:
    """How a reply was made, in a few words and in full."""

    summary: str
    explanation: str


_SCRIPT = SandboxReply(
    "written in advance",
    "The sandbox has no language model: this text was written in advance for questions like yours.",
)
_RULES = SandboxReply(
    "chosen or computed by rules",
    "The sandbox has no language model: rules chose or computed this text from your messages.",
)
_REFUSAL = SandboxReply(
    "no answer without a model",
    "The sandbox has no language model, and neither a written text nor a rule for this question.",
)
_REPLIES: Mapping[str, SandboxReply] = {"script": _SCRIPT, "rules": _RULES, "refusal": _REFUSAL}


def sandbox_reply(run: Run) -> SandboxReply | None:
    """Return how the reply of *run* was made; None if another server made it."""
    return _REPLIES.get(run.headers.get(_HEADER, ""))
