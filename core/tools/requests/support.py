"""Whether a model takes function tools, in which API, and what a request must contain for it."""

from dataclasses import dataclass

from core.generation.api_name import ApiName
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

_MAX_TOOLS = 128  # of a request, by the API reference


@dataclass(frozen=True, slots=True)
class ToolSupport:
    """*reason* says why the model takes no tools; *note* explains the API or effort that requests have.

    *needs_responses* is whether the model takes tools in no API but *api*.
    """

    reason: str = ""
    reasoning_effort: str | None = None
    note: str = ""
    api: ApiName = "chat.completions"
    needs_responses: bool = False

    @property
    def is_supported(self) -> bool:
        return not self.reason

    def problem(self, tool_count: int) -> str:
        """Return why no request with so many tools can be sent; nothing if one can."""
        if self.reason:
            return f"{self.reason} Choose another model in the sidebar."
        if tool_count > _MAX_TOOLS:
            return f"A request can contain {_MAX_TOOLS} tools, and {tool_count} are selected. Remove some."
        return ""


def tool_support(model_id: str, api: ApiName = "chat.completions") -> ToolSupport:
    """Return how tools can be sent to *model_id*, by *api* unless the model takes them only in Responses.

    In Chat Completions some models take them only without reasoning.
    """
    model = get_model(model_id)
    if model.tools == "never" and model.kind == "chat" and not model.assumed:
        note = f"{model.family} supports tools only in the Responses API, so the requests use it."
        return ToolSupport(note=note, api="responses", needs_responses=True)
    needs_effort_none = api == "chat.completions" and model.tools == "effort_none" and not model.assumed
    effort = "none" if needs_effort_none else None
    unsupported = unsupported_parameters(model, {"reasoning_effort": effort} if effort else {}, api)
    if "tools" in unsupported:
        return ToolSupport(unsupported["tools"])
    if effort:
        note = (
            f"{model.family} takes function tools in Chat Completions only with reasoning effort none, "
            "so the requests contain it."
        )
        return ToolSupport(reasoning_effort=effort, note=note)
    return ToolSupport(api=api)
