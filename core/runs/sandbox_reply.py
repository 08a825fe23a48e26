"""How the sandbox made a reply, which it tells in a header of the response."""

from core.runs.run import Run

_HEADER = "x-sandbox-reply"
_DESCRIPTIONS = {
    "script": "written in advance",
    "rules": "computed by rules",
    "refusal": "no answer without a language model",
}


def describe_sandbox_reply(run: Run) -> str | None:
    """Return how the reply of *run* was made; None if another server made it."""
    return _DESCRIPTIONS.get(run.headers.get(_HEADER, ""))
