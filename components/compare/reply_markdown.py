"""Replies as Markdown, with what they contain beside their text."""

import re

from components.ui.markdown_escape import escape_markdown
from core.compare.variants.requested_tools import RequestedTool, requested_tools
from core.json_values import indented_json
from core.runs.run import Run


def reply_markdown(run: Run) -> str:
    """Return the text of a reply, formatted if it is JSON, its refusal, and the tools that it calls."""
    formatted = indented_json(run.text)
    text = _json_markdown(formatted) if formatted else run.text
    refusal = f"> {escape_markdown(run.refusal)}" if run.refusal else ""
    return "\n\n".join(filter(None, (text, refusal, *map(tool_call_markdown, requested_tools(run)))))


def tool_call_markdown(call: RequestedTool) -> str:
    """Return the name of a tool and the arguments with which it is called."""
    # A name is one of letters and digits, unless the server breaks the rules of its API.
    name = re.sub(r"[^\w.-]", "_", call.name)
    return f"**Tool call** `{name}`\n\n{_json_markdown(call.arguments)}"


def _json_markdown(text: str) -> str:
    # Nothing in it may end the block: arguments need not be JSON.
    return f"~~~~json\n{text.replace('~~~', '~ ~ ~')}\n~~~~"
