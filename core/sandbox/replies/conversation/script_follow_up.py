"""Follow-ups on a reply that was written in advance: shorter, with an example, in the other language."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.conversation.questions import normalise_request
from core.sandbox.replies.conversation.scripted import find_follow_up, find_simplest
from core.sandbox.replies.conversation.scripts import Script, load_scripts, load_templates
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.prompt import ChatPrompt

_CODE = re.compile(r"```.*?```", re.DOTALL)
# What makes an explanation concrete, and what makes it hard to read.
_EXAMPLE = re.compile(r"```|\*\*(?:Example|예)|^\| ", re.MULTILINE)
_FORMULA = "$$"


@dataclass(frozen=True, slots=True)
class _LastReply:
    """The reply before a follow-up: *text* of *script*, in *language*."""

    script: Script
    language: Language
    text: str


def follow_up_on_script(prompt: ChatPrompt, _style: Style) -> Answer | None:
    """Answer a request about the last reply, if that was written in advance and has what is requested."""
    request = find_follow_up(prompt.question)
    last = _find_last_reply(prompt) if request in _REWORK else None
    text = _REWORK[request](last, prompt) if last else ""
    return Answer(text, exact=True, is_scripted=True) if text else None


def _find_last_reply(prompt: ChatPrompt) -> _LastReply | None:
    """Return the reply that a follow-up is about: not one that is itself about the reply before it."""
    for index in range(len(prompt.messages) - 2, 0, -2):
        if last := _find_script_of(prompt.messages[index].text):
            return last
        if not find_follow_up(prompt.messages[index - 1].text):
            return None
    return None


def _find_script_of(reply: str) -> _LastReply | None:
    # A reply may have the addition of a large model below its wording.
    for language in Language:
        for script in load_scripts(language):
            for text in script.texts:
                if reply.startswith(text):
                    return _LastReply(script, language, text)
    return None


def _shorten(last: _LastReply, _prompt: ChatPrompt) -> str:
    script, text = last.script, last.text
    if text in script.briefs:
        return last.language.localise("That was the short version already.", "그것이 이미 짧은 답입니다.")
    if script.is_work or script.briefs:
        return script.brief_of(text)
    code = "\n\n".join(_CODE.findall(text))
    return code if len(code) < len(text) else ""


def _extend(last: _LastReply, prompt: ChatPrompt) -> str:
    script = last.script
    if script.is_work:
        return dict(zip(script.briefs, script.wordings, strict=False)).get(last.text, "")
    if script.more and not prompt.has_replied(script.more):
        return script.more
    longer = [text for text in _unused(last, prompt) if len(text) > len(last.text)]
    return max(longer, key=len, default="")


def _simplify(last: _LastReply, prompt: ChatPrompt) -> str:
    unused = _unused(last, prompt)
    if last.script.brief and not last.script.is_work and not prompt.has_replied(last.script.brief):
        unused.append(last.script.brief)
    without_formula = [text for text in unused if _FORMULA not in text]
    return find_simplest(without_formula) if without_formula else ""


def _give_example(last: _LastReply, prompt: ChatPrompt) -> str:
    return next((text for text in _unused(last, prompt) if _EXAMPLE.search(text)), "")


def _unused(last: _LastReply, prompt: ChatPrompt) -> list[str]:
    """Return the other versions of the reply; none for a work, which has no versions."""
    wordings = () if last.script.is_work else last.script.wordings
    return [text for text in wordings if not prompt.has_replied(text)]


def _translate(last: _LastReply, prompt: ChatPrompt) -> str:
    """Return the text at the same place of the script in the requested language."""
    language = _find_target(prompt.question)
    if language is None or last.script.is_untranslated:
        return ""
    script = next((each for each in load_scripts(language) if each.name == last.script.name), None)
    return dict(zip(last.script.texts, script.texts, strict=True))[last.text] if script else ""


def _find_target(question: str) -> Language | None:
    for language in Language:
        words = normalise_request(question, language)
        if match := re.fullmatch(load_templates(language)["translate"], words):
            name = next(filter(None, match.groupdict().values()), "")
            return Language.ENGLISH if name in ("english", "영어") else Language.KOREAN
    return None


_REWORK: dict[str, Callable[[_LastReply, ChatPrompt], str]] = {
    "shorter": _shorten,
    "longer": _extend,
    "simpler": _simplify,
    "example": _give_example,
    "translate": _translate,
}
