"""Replies about the conversation: the continuation of a truncated reply, and a recap."""

import re
from collections.abc import Callable
from dataclasses import replace

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.sentences import split_sentences
from core.sandbox.replies.language.style import Style, parse_style
from core.sandbox.replies.prompt import ChatPrompt

_CONTINUE = re.compile(
    r"^\W*(?:please\s+)?(?:continue|go on|keep going|carry on)\b|^\W*(?:계속|이어서)", re.I
)
_RECAP = re.compile(
    r"\bwhat have we (?:said|talked|discussed|covered)"
    r"|\bsummar\w+ (?:of )?(?:our|this|the) (?:conversation|chat)"
    r"|지금까지.*(?:대화|이야기|말|얘기)|대화(?:를|의)?\s*(?:내용을?\s*)?요약",
    re.I,
)
_MAX_LINE_LENGTH = 160
_SPEAKERS = {"user": ("You", "사용자"), "assistant": ("Reply", "답")}


def continue_reply(prompt: ChatPrompt, reply: Callable[[ChatPrompt], str]) -> str | None:
    """Return the rest of a truncated reply, or None if *prompt* does not ask for it.

    *reply* returns the full reply to a prompt, which is the same every time, so both parts join exactly.
    """
    if (
        len(prompt.messages) < 3
        or prompt.messages[-2].role != "assistant"
        or not _CONTINUE.search(prompt.question)
    ):
        return None
    original = replace(prompt, messages=prompt.messages[:-2], images=prompt.earlier_images)
    truncated, full_reply = prompt.messages[-2].text, reply(original)
    if not truncated or not full_reply.startswith(truncated):
        return None
    rest = full_reply[len(truncated) :]
    language = parse_style(original).language
    return rest or language.localise("That was all.", "그것이 전부였습니다.")


def recap(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Summarise the conversation, one line for each message, if the question asks for it."""
    if not _RECAP.search(prompt.question[:300]):
        return None
    lines = []
    for message in prompt.messages[:-1]:
        if not message.text.strip():
            continue
        speaker = style.language.localise(*_SPEAKERS.get(message.role, ("Tool", "도구")))
        first = (split_sentences(message.text) or [message.text.strip()])[0]
        ellipsis = "…" if len(first) > _MAX_LINE_LENGTH else ""
        lines.append(f"- {speaker}: {first[:_MAX_LINE_LENGTH]}{ellipsis}")
    nothing = style.language.localise(
        "Nothing yet: this is your first message.", "아직 없습니다. 첫 메시지입니다."
    )
    return Answer("\n".join(lines) or nothing)
