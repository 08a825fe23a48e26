"""Answers about the conversation itself: going on with a reply that was cut, and what was said so far."""

import re
from dataclasses import replace

from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage
from core.sandbox.replies.sentences import split_sentences
from core.sandbox.replies.style import Style

_CONTINUE = re.compile(
    r"^\W*(?:please\s+)?(?:continue|go on|keep going|carry on)\b|^\W*(?:계속|이어서)", re.I
)
_RECAP = re.compile(
    r"\bwhat have we (?:said|talked|discussed|covered)"
    r"|\bsummar\w+ (?:of )?(?:our|this|the) (?:conversation|chat)"
    r"|지금까지.*(?:대화|이야기|말|얘기)|대화(?:를|의)?\s*(?:내용을?\s*)?요약",
    re.I,
)
_LONGEST = 160


def prompt_to_continue(prompt: ChatPrompt) -> ChatPrompt | None:
    """Find what the reply that is to go on was an answer to; None unless going on is asked for."""
    if (
        len(prompt.messages) < 3
        or prompt.messages[-2].role != "assistant"
        or not _CONTINUE.search(prompt.question)
    ):
        return None
    return replace(prompt, messages=prompt.messages[:-2], images=prompt.earlier_images)


def remaining_text(whole: str, prompt: ChatPrompt) -> str | None:
    """Return what *whole* has beyond the reply that was cut, or None if that began otherwise."""
    said = prompt.messages[-2].text
    return whole[len(said) :] if said and whole.startswith(said) else None


def recap(prompt: ChatPrompt, style: Style) -> str | None:
    """Sum up the conversation, a line a message, to whoever asks what was said."""
    if not _RECAP.search(prompt.question[:300]):
        return None
    lines = [_line(turn, style) for turn in prompt.messages[:-1] if turn.text.strip()]
    nothing = style.language.localise(
        "Nothing yet: this is your first message.", "아직 없습니다. 첫 메시지입니다."
    )
    return "\n".join(lines) or nothing


def _line(turn: ConversationMessage, style: Style) -> str:
    who = style.language.localise(*_WHO.get(turn.role, ("Tool", "도구")))
    said = (split_sentences(turn.text) or [turn.text.strip()])[0]
    return f"- {who}: {said if len(said) <= _LONGEST else said[:_LONGEST] + '…'}"


_WHO = {"user": ("You", "사용자"), "assistant": ("Reply", "답")}
