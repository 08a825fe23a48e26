"""The entry point of the replies: selects the skill that replies."""

from collections.abc import Callable
from dataclasses import replace

from core.sandbox.replies.arithmetic import solve
from core.sandbox.replies.chitchat import answer_chitchat, show_example
from core.sandbox.replies.continuation import continue_reply, recap
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
from core.sandbox.replies.wording import vary_wording

# A skill returns None for a question that it cannot answer. The order matters: the more specific come first.
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
    """Return the reply to *prompt*: that of the first skill that can answer, in the requested style.

    The first reply of a conversation ends with a note that it is from the sandbox.
    """
    style = parse_style(prompt)
    # These replies have an exact form or length, which neither a style nor the note may change.
    exact = continue_reply(prompt, reply) or write_long_text(prompt, style) or extract_fields(prompt, style)
    if exact is not None:
        return exact
    answers = (skill(prompt, style) for skill in _SKILLS)
    text = next((answer for answer in answers if answer is not None), None)
    if text is None:
        text, style = describe_request(prompt, style), replace(style, bullets=0, sentences=0, words=0)
    text = apply_style(text, style)
    if style.as_json:
        return text
    text = vary_wording(text, prompt)
    if not prompt.is_first_reply:
        return text
    language = unsupported_language(f"{prompt.instructions}\n{prompt.question[:300]}")
    limitation = f" It answers in English and Korean, not in {language}." if language else ""
    return text + style.language.localise(
        f"\n\n*Sandbox: computed by rules on this machine, not by a language model.{limitation}*",
        "\n\n*샌드박스: 언어 모델이 아니라 이 컴퓨터에서 규칙으로 계산한 답입니다.*",
    )
