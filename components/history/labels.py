"""Names of pages and states, as users know them."""

from core.runs.run import RunState

# Other capabilities have the name of their page.
_CAPABILITIES = {
    "summary": "Chat: summary",
    "compare.batch": "Compare: batch",
    "compare.judge": "Compare: judge",
    "tools-check": "Tools: check",
    "extractor-consistency": "Extractor: consistency",
    "extractor.batch": "Extractor: batch",
}
STATES = {
    RunState.DONE: "Done",
    RunState.FAILED: "Failed",
    RunState.STOPPED: "Stopped",
    RunState.INTERRUPTED: "Interrupted",
    RunState.CUT_OFF: "Cut off",
    RunState.RUNNING: "Running",
}


def capability_label(capability: str) -> str:
    """Return the name of what makes the runs of *capability*."""
    return _CAPABILITIES.get(capability) or capability.capitalize()
