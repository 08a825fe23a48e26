"""Replies as Markdown, with what they contain beside their text."""

import re

from components.ui.markdown_escape import escape_markdown
from core.compare.variants.requested_tools import RequestedTool, requested_tools
from core.runs.run import Run


def reply_markdown(run: Run) -> str:
    """Return the text of a reply, its refusal, and the tools that it calls."""
    refusal = f"> {escape_markdown(run.refusal)}" if run.refusal else ""
    return "\n\n".join(filter(None, (run.text, refusal, *map(tool_call_markdown, requested_tools(run)))))


def tool_call_markdown(call: RequestedTool) -> str:
    """Return the name of a tool and the arguments with which it is called."""
    # A name is one of letters and digits, unless the server breaks the rules of its API.
    name = re.sub(r"[^\w.-]", "_", call.name)
    return f"**Tool call** `{name}`\n\n~~~~json\n{call.arguments.replace('~~~', '~ ~ ~')}\n~~~~"
