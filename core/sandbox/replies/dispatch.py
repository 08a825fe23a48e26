"""Choosing what to say."""

from collections.abc import Callable
from dataclasses import replace

from core.sandbox.replies.arithmetic import solve
from core.sandbox.replies.chitchat import answer_chitchat, show_example
from core.sandbox.replies.continuation import prompt_to_continue, recap, remaining_text
from core.sandbox.replies.dates import answer_dates
from core.sandbox.replies.echo import describe_request
from core.sandbox.replies.extraction import extract_fields
from core.sandbox.replies.images import describe_images
from core.sandbox.replies.language import unsupported_language
from core.sandbox.replies.long_text import write_long_text
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style, apply_style, parse_style
from core.sandbox.replies.text_qa import answer_from_text
from core.sandbox.replies.topics import explain_topic
from core.sandbox.replies.unsupported import decline

_SKILLS: tuple[Callable[[ChatPrompt, Style], str | None], ...] = (
    describe_images,
    recap,
    decline,
    answer_from_text,
    answer_chitchat,
    answer_dates,
    solve,
    explain_topic,
    show_example,
)


def reply(prompt: ChatPrompt) -> str:
    """Write the reply to *prompt*: the first skill that has an answer gives it, in the form asked for.

    The first reply of a conversation says where it comes from, unless its length is asked for.
    """
    style = parse_style(prompt)
    exact = _gone_on(prompt) or write_long_text(prompt, style) or extract_fields(prompt, style)
    if exact is not None:
        return exact
    found = (skill(prompt, style) for skill in _SKILLS)
    text = next((answer for answer in found if answer is not None), None)
    if text is None:
        text, style = describe_request(prompt, style), replace(style, bullets=0, sentences=0, words=0)
    return apply_style(text, style) + (
        _signature(prompt, style) if prompt.is_first_reply and not style.as_json else ""
    )


def _gone_on(prompt: ChatPrompt) -> str | None:
    """Go on with a reply that was cut, if that is asked for: from the very letter, so that the parts join."""
    before = prompt_to_continue(prompt)
    if before is None:
        return None
    rest = remaining_text(reply(before), prompt)
    return (
        parse_style(before).language.localise("That was all.", "그것이 전부였습니다.") if rest == "" else rest
    )


def _signature(prompt: ChatPrompt, style: Style) -> str:
    missing = unsupported_language(f"{prompt.instructions}\n{prompt.question[:300]}")
    note = f" It answers in English and Korean, not in {missing}." if missing else ""
    return style.language.localise(
        f"\n\n*Sandbox: computed by rules on this machine, not by a language model.{note}*",
        "\n\n*샌드박스: 언어 모델이 아니라 이 컴퓨터에서 규칙으로 계산한 답입니다.*",
    )
