"""A branch of a conversation as one HTML page, for people without this app: no script, server or network."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from html import escape
from pathlib import Path
from typing import Any

from core.apis import api_of
from core.conversations.export import BRANCH_NOTE, exported_params, role_label, run_details
from core.conversations.message_tree import Version
from core.conversations.messages import Conversation, Message, text_content
from core.files.html_page import html_page
from core.files.markdown_html import markdown_html
from core.redaction import redact
from core.runs.run import Run

_STYLE = Path(__file__).parent / "html_export.css"
# Formats that are nothing but a picture, unlike SVG.
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_INSTRUCTION_ROLES = ("system", "developer")
_CONVERSATION_PARAMS = ("messages", "input", "instructions")


def export_html(
    conversation: Conversation,
    branch: Sequence[Message],
    runs: Mapping[str, Run],
    versions: Mapping[str, Version],
    zone: tzinfo,
) -> str:
    """Return a branch as a page, with the model, API, times, usage and cost of each reply.

    *runs* are by their id; *versions*, of the messages that have several, by that of the message. Times are
    in *zone*.
    """
    title = redact(conversation.title) or "Conversation"
    models = dict.fromkeys(run.model for message in branch if (run := runs.get(message.run_id or "")))
    facts = [f"{len(branch):,} message{'' if len(branch) == 1 else 's'}", *filter(None, models)]
    last_run = next(
        (runs[id_] for message in reversed(branch) if (id_ := message.run_id or "") in runs), None
    )
    body = [
        f'<header><h1>{escape(title)}</h1><p class="muted">{escape(redact(" · ".join(facts)))} · '
        f"{_time(conversation.created_at, zone)}</p>",
        f'<p class="muted">{BRANCH_NOTE}</p>' if any(message.id in versions for message in branch) else "",
        _instructions(last_run) if last_run else "",
        "</header>",
        *(
            _message(message, runs.get(message.run_id or ""), versions.get(message.id), zone)
            for message in branch
        ),
    ]
    return html_page(title, "".join(body), _STYLE, images=True)


def _message(message: Message, run: Run | None, version: Version | None, zone: tzinfo) -> str:
    numbered = f" · {version}" if version else ""
    content = (
        [{"type": "text", "text": message.content}] if isinstance(message.content, str) else message.content
    )
    reply = _reply(run) if run and message.role == "assistant" else ""
    role = "user" if message.role == "user" else "assistant"
    return (
        f'<article class="{role}"><header><h2>{role_label(message)}</h2>'
        f'<span class="muted">{_time(message.created_at, zone)}{numbered}</span></header>'
        f'<div class="text" dir="auto">{"".join(map(_part, content))}</div>{reply}</article>'
    )


def _part(part: Mapping[str, Any]) -> str:
    if part.get("type") == "text":
        return markdown_html(redact(str(part.get("text", ""))))
    url = str((part.get("image_url") or {}).get("url", ""))
    if _IMAGE.fullmatch(url):
        return f'<p><img src="{url}" alt="Attached image"></p>'
    # Of an image on the web only the address is sent to the model, and this page loads nothing.
    return f"<p>Image: <code>{escape(redact(url[:500]))}</code></p>" if url else "<p>Attachment</p>"


def _reply(run: Run) -> str:
    """Return what belongs to a reply below its text: reasoning, refusal, error and the facts of its call."""
    parts = []
    if run.reasoning:
        parts.append(_details("Reasoning", markdown_html(redact(run.reasoning))))
    if run.refusal:
        parts.append(f'<p class="failed">{escape(redact(run.refusal))}</p>')
    if run.error:
        parts.append(f'<p class="failed">{escape(redact(f"{run.error.title}. {run.error.hint}"))}</p>')
    facts = "".join(f"<li>{escape(redact(fact))}</li>" for fact in run_details(run))
    parts.append(f'<ul class="facts" aria-label="About this reply">{facts}</ul>')
    params = exported_params(run, omitted=_CONVERSATION_PARAMS)
    source = escape(json.dumps(params, ensure_ascii=False, indent=2))
    parts.append(_details("Parameters", f'<pre tabindex="0">{source}</pre>'))
    return "".join(parts)


def _instructions(run: Run) -> str:
    messages = api_of(run.endpoint).chat_params(exported_params(run)).get("messages", ())
    texts = [text_content(each["content"]) for each in messages if each.get("role") in _INSTRUCTION_ROLES]
    return _details("Instructions", "".join(map(markdown_html, texts))) if any(texts) else ""


def _details(summary: str, html: str) -> str:
    return f'<details><summary>{summary}</summary><div class="text" dir="auto">{html}</div></details>'


def _time(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f'<time datetime="{local.isoformat()}">{local.day} {local:%B %Y, %H:%M %Z}</time>'
