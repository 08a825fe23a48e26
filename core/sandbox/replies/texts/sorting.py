"""Sorting of words and numbers that a message lists."""

import re
from collections.abc import Callable

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.sentences import split_sentences
from core.sandbox.replies.language.style import Style, is_form_sentence
from core.sandbox.replies.prompt import ChatPrompt

_MAX_LENGTH = 4_000
_MAX_TASK_LENGTH = 120
_TASK = re.compile(
    r"^\W*(?:(?:please|can you|could you|kindly)\s+)*(?:sort|order|arrange|alphabeti[sz]e)\b"
    r"|정렬|(?:가나다|알파벳|크기|길이|큰|작은|오름차|내림차)\s?순",
    re.I,
)
_AMBIGUOUS_VERB = re.compile(r"^\W*(?:\w+\s+)*?(?:order|arrange)\b", re.I)
_LIST_AFTER_VERB = re.compile(
    r"^\W*(?:please\s+)?(?:sort|order|arrange|alphabeti[sz]e)\s+"
    r"(?:(?:these|the|this|following|words|names|numbers|items|list)\s+)*(?P<items>.+?)"
    r"(?:\s+(?:alphabetically|numerically|in\s.*order|by length|from\s.*"
    r"|(?:largest|smallest|longest|shortest) first))?[.?!]*$",
    re.I,
)
_DESCENDING = re.compile(
    r"\b(?:descending|reverse[sd]?|z (?:to|-) a|z-a|(?:largest|biggest|highest|longest) (?:first|to))\b"
    r"|내림차순|큰\s?순|긴\s?순|역순",
    re.I,
)
_BY_LENGTH = re.compile(r"\b(?:length|longest|shortest)\b|길이|긴\s?순|짧은\s?순", re.I)
_KNOWN_CRITERION = re.compile(
    r"\b(?:alphabetic\w*|alphabeti[sz]e|numeric\w*|ascending|descending|length|size|value"
    r"|a (?:to|-) z|a-z|z (?:to|-) a|z-a"
    r"|(?:largest|biggest|highest|longest|smallest|lowest|shortest) (?:first|to))\b"
    r"|가나다|알파벳|오름차|내림차|길이|크기|(?:큰|작은|긴|짧은)\s?순",
    re.I,
)
# A criterion that rules do not know: "by importance", "from cold to hot", "인기순".
_OTHER_CRITERION = re.compile(
    r"\b(?:by|from|according|chronological\w*|based on|order of)\b|[가-힣]+\s?순(?:으로|서)", re.I
)
_ITEM_SEPARATOR = re.compile(r"\s*(?:[,;、\n]+(?:\s*(?:and|그리고)\s)?|\s(?:and|그리고)\s)\s*", re.I)
_LIST_MARKER = re.compile(r"^(?:[-*•]\s+|\d{1,3}[.)]\s+)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def sort_items(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Sort the listed words or numbers; None if the message lists none, or asks for an order by meaning."""
    question = prompt.question.strip()
    if len(question) > _MAX_LENGTH:
        return None
    task, listed = _split_list(question)
    if len(task) > _MAX_TASK_LENGTH or not _TASK.search(task):
        return None
    if not _KNOWN_CRITERION.search(task) and (_OTHER_CRITERION.search(task) or _AMBIGUOUS_VERB.search(task)):
        return None
    items = [_LIST_MARKER.sub("", item.strip()).strip(" .\"'") for item in _ITEM_SEPARATOR.split(listed)]
    items = [item for item in items if item]
    if len(items) < 2:
        return None
    result = sorted(items, key=_sort_key(task, items), reverse=bool(_DESCENDING.search(task)))
    if "\n" in listed or style.list_items or style.bullets:
        text = "\n".join(f"{place}. {item}" for place, item in enumerate(result, 1))
    else:
        text = ", ".join(result)
    return Answer(text, ", ".join(result), items=tuple(result))


def _split_list(question: str) -> tuple[str, str]:
    """Return the task and the list, which follows a colon, a line break or the verb."""
    separator = re.search(r"[:：]\s*|\n|\?\s+(?=\S)", question)
    if separator:
        sentences = split_sentences(question[separator.end() :])
        listed = "\n".join(sentence for sentence in sentences if not is_form_sentence(sentence))
        return question[: separator.start()].strip(), listed
    match = _LIST_AFTER_VERB.match(question)
    # Without separators it is no list but a sentence: "sort my life out".
    if match is None or not re.search(r"[,\d]", match["items"]):
        return question, ""
    return question.replace(match["items"], " "), match["items"]


def _sort_key(task: str, items: list[str]) -> Callable[[str], tuple[float, str]]:
    """Return what to compare: lengths if the task says so, the values of numbers, else letters."""
    if _BY_LENGTH.search(task):
        return lambda item: (len(item), item.casefold())
    if all(_NUMBER.fullmatch(item) for item in items):
        return lambda item: (float(item), item)
    return lambda item: (0, item.casefold())
