"""The entry point of the replies: selects the skill that replies."""

import json
from collections.abc import Callable

from core.sandbox.replies.answer import Answer, Reply, ReplyOrigin
from core.sandbox.replies.calculation.arithmetic import solve
from core.sandbox.replies.calculation.dates import answer_dates
from core.sandbox.replies.calculation.follow_up import continue_calculation
from core.sandbox.replies.calculation.units import convert_units
from core.sandbox.replies.calculation.word_problems import solve_word_problem
from core.sandbox.replies.conversation.chitchat import answer_chitchat, show_example
from core.sandbox.replies.conversation.continuation import continue_reply, recap
from core.sandbox.replies.conversation.long_text import write_long_text
from core.sandbox.replies.conversation.phrasebook import translate_phrase
from core.sandbox.replies.conversation.recall import recall_fact
from core.sandbox.replies.conversation.script_follow_up import follow_up_on_script
from core.sandbox.replies.conversation.scripted import answer_from_script
from core.sandbox.replies.conversation.topics import explain_topic
from core.sandbox.replies.conversation.unsupported import decline, refuse
from core.sandbox.replies.extraction.fields import extract_fields
from core.sandbox.replies.extraction.values import extract_values
from core.sandbox.replies.images.description import describe_images
from core.sandbox.replies.language.detection import unsupported_language
from core.sandbox.replies.language.style import Style, apply_style, parse_style
from core.sandbox.replies.language.text_question import split_message
from core.sandbox.replies.language.wording import vary_wording
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.texts.sorting import sort_items
from core.sandbox.replies.texts.text_qa import answer_from_earlier_text, answer_from_text
from core.sandbox.replies.texts.text_tools import work_on_text

# Characters of a text that the rules read.
_MAX_TEXT_LENGTH = 30_000

Skill = Callable[[ChatPrompt, Style], Answer | None]

# A skill returns None for a question that it cannot answer for sure. The order matters: what a message is
# about (an image, a text, numbers) comes before the words that it has in common with a topic.
_SKILLS: tuple[Skill, ...] = (
    follow_up_on_script,
    answer_from_script,
    translate_phrase,
    convert_units,
    describe_images,
    write_long_text,
    sort_items,
    extract_fields,
    recap,
    decline,
    work_on_text,
    extract_values,
    solve_word_problem,
    answer_from_text,
)
# Skills for a message without a text to work on.
_SKILLS_WITHOUT_TEXT: tuple[Skill, ...] = (
    answer_dates,
    continue_calculation,
    solve,
    answer_chitchat,
    recall_fact,
    answer_from_earlier_text,
    explain_topic,
    show_example,
)


def reply(prompt: ChatPrompt) -> str:
    """Return the text of the reply to *prompt*."""
    return write_reply(prompt).text


def write_reply(prompt: ChatPrompt) -> Reply:
    """Return the reply to *prompt*: that of the first skill that can answer, in the requested form."""
    # The rest of a truncated reply is exact, as both parts must join.
    if (rest := continue_reply(prompt, reply)) is not None:
        return Reply(rest)
    length = len(prompt.question)
    # Rules take time in proportion to the text or worse, and a request may have megabytes.
    prompt = prompt.shortened(_MAX_TEXT_LENGTH)
    style = parse_style(prompt)
    _, text_to_work_on, is_separate = split_message(prompt.question)
    skills = _SKILLS if text_to_work_on and is_separate else (*_SKILLS, *_SKILLS_WITHOUT_TEXT)
    answers = (skill(prompt, style) for skill in skills)
    answer = next((answer for answer in answers if answer is not None), None)
    text = apply_style(answer, style) if answer and not answer.is_refusal else None
    if answer is None or text is None:
        refusal = (answer if answer and answer.is_refusal else refuse(prompt)).text
        return Reply(_finish_refusal(refusal, prompt, style, length), "refusal")
    origin: ReplyOrigin = "script" if answer.is_scripted else "rules"
    if answer.exact or style.has_form:
        return Reply(text, origin)
    if not answer.has_wordings:
        text = vary_wording(text, prompt)
    return Reply(text + _notes(prompt, style, length), origin)


def _finish_refusal(text: str, prompt: ChatPrompt, style: Style, length: int) -> str:
    if style.as_json:
        fields = {"answer": text.replace("**", ""), "language": style.language, "sandbox": True}
        return json.dumps(fields, ensure_ascii=False, indent=2)
    return text if style.has_form else vary_wording(text, prompt) + _notes(prompt, style, length)


def _notes(prompt: ChatPrompt, style: Style, length: int) -> str:
    """Return the notes below a reply: what was not read, and a language that the sandbox does not have."""
    notes = ""
    if length > _MAX_TEXT_LENGTH:
        notes = style.language.localise(
            f"\n\n*The sandbox read {_MAX_TEXT_LENGTH:,} of the {length:,} characters of your message.*",
            f"\n\n*샌드박스는 메시지의 {length:,}자 가운데 {_MAX_TEXT_LENGTH:,}자를 읽었습니다.*",
        )
    language = unsupported_language(f"{prompt.instructions}\n{prompt.question[:300]}")
    if language and prompt.is_first_reply:
        notes += f"\n\n*The sandbox answers in English and Korean, not in {language}.*"
    return notes
