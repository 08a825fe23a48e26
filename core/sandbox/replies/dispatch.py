"""Choosing what to say."""

from collections.abc import Callable
from dataclasses import replace

from core.sandbox.replies.arithmetic import work_out
from core.sandbox.replies.chitchat import chat, show_something
from core.sandbox.replies.continuation import begun, recap, rest_of
from core.sandbox.replies.dates import answer_dates
from core.sandbox.replies.echo import describe_request
from core.sandbox.replies.extraction import extract_fields
from core.sandbox.replies.images import describe_images
from core.sandbox.replies.language import missing_language
from core.sandbox.replies.long_text import write_at_length
from core.sandbox.replies.prompt import Prompt
from core.sandbox.replies.style import Style, shape, style_of
from core.sandbox.replies.text_qa import answer_from_text
from core.sandbox.replies.topics import explain
from core.sandbox.replies.unsupported import decline

_SKILLS: tuple[Callable[[Prompt, Style], str | None], ...] = (
    describe_images,
    recap,
    decline,
    answer_from_text,
    chat,
    answer_dates,
    work_out,
    explain,
    show_something,
)


def reply(prompt: Prompt) -> str:
    """Write the reply to *prompt*: the first skill that has an answer gives it, in the form asked for.

    The first reply of a conversation says where it comes from, unless its length is asked for.
    """
    style = style_of(prompt)
    exact = _gone_on(prompt) or write_at_length(prompt, style) or extract_fields(prompt, style)
    if exact is not None:
        return exact
    found = (skill(prompt, style) for skill in _SKILLS)
    text = next((answer for answer in found if answer is not None), None)
    if text is None:
        text, style = describe_request(prompt, style), replace(style, bullets=0, sentences=0, words=0)
    return shape(text, style) + (_signature(prompt, style) if prompt.first and not style.as_json else "")


def _gone_on(prompt: Prompt) -> str | None:
    """Go on with a reply that was cut, if that is asked for: from the very letter, so that the parts join."""
    before = begun(prompt)
    if before is None:
        return None
    rest = rest_of(reply(before), prompt)
    return style_of(before).language.say("That was all.", "그것이 전부였습니다.") if rest == "" else rest


def _signature(prompt: Prompt, style: Style) -> str:
    missing = missing_language(f"{prompt.instructions}\n{prompt.question[:300]}")
    note = f" It answers in English and Korean, not in {missing}." if missing else ""
    return style.language.say(
        f"\n\n*Sandbox: computed by rules on this machine, not by a language model.{note}*",
        "\n\n*샌드박스: 언어 모델이 아니라 이 컴퓨터에서 규칙으로 계산한 답입니다.*",
    )
