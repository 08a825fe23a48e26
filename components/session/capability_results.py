"""What the last test of each server has shown, for the pages that depend on it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.session import session

if TYPE_CHECKING:
    from core.servers.capability_test import CapabilityResult

RESPONSES_CAPABILITY = "Responses API"


@dataclass(frozen=True, slots=True)
class CapabilityResults:
    """The results of the last test of each server and model, by base URL and model."""

    by_target: dict[tuple[str, str], "list[CapabilityResult]"] = field(default_factory=dict)


def responses_problem() -> str:
    """Return why the active server cannot be used by the Responses API; nothing if it can, or is untested."""
    target = (session.profile().base_url, session.model() or "")
    for result in session.session_object(CapabilityResults).by_target.get(target, ()):
        if result.capability == RESPONSES_CAPABILITY and result.status.value == "no":
            return f"The server has no Responses API: {result.evidence}"
    return ""
