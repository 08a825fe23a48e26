"""What a reply says, as a text: what is shown, compared, checked, judged and exported."""

from core.compare.variants.requested_tools import requested_tools
from core.runs.run import Run

NOT_RECORDED = "This reply was not recorded."


def reply_text(run: Run) -> str:
    """Return the text of a reply, its refusal, and the tools that it calls as `name(arguments)`."""
    calls = (f"{call.name}({call.arguments})" for call in requested_tools(run))
    return "\n\n".join(filter(None, (run.text, run.refusal, *calls)))
