"""Work on the letters of a text: reversing, counting, and changing its case."""

import re
from collections.abc import Callable

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.sentences import split_sentences
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.language.text_question import find_quotations, split_message
from core.sandbox.replies.prompt import ChatPrompt

_REVERSE = re.compile(r"\breverse\b|\bbackwards?\b|거꾸로|뒤집", re.I)
_WORD_TO_REVERSE = re.compile(
    r"\b(?:reverse|spell)\s+(?:the\s+)?(?:word|string|text|letters (?:of"
    r"|in))\s+(?P<en>\S+?)(?:\s+backwards?)?[.?!]*$"
    r"|\b(?:reverse|spell|write)\s+(?P<bare>[^\W\d_]+)(?:\s+backwards?)?[.?!]*$"
    r"|(?P<ko>\S+?)(?:을|를)?\s+(?:거꾸로|뒤집어)",
    re.I,
)
_HOW_OFTEN = re.compile(r"\bhow (?:many|often)\b", re.I)
_LETTER = re.compile(
    r"\b(?:letter|character)\s+['\"]?(?P<named>\w)['\"]?(?!\w)"
    r"|\bhow many\s+['\"]?(?P<bare>\w)['\"]?(?:'?s)?(?!\w)",
    re.I,
)
_IN_WORD = re.compile(r"\bin\s+(?:the word\s+)?['\"]?(?P<word>[^\W_]+)['\"]?\W*$", re.I)
_COUNT = re.compile(r"\bhow many\b|\bcount\b|\bnumber of\b|몇|세어|세 줘|개수|총 ", re.I)
_UNITS = (
    (
        "sentences",
        re.compile(r"\bsentences\b|문장(?:이|은|의|을)?\s*(?:총\s*)?(?:몇|개수|수)|몇 ?문장", re.I),
    ),
    (
        "words",
        re.compile(
            r"\b(?:how many|count|number of)\b(?: (?:all|the|of))* words\b|단어(?:가|는|의"
            r"|를)?\s*(?:총\s*)?(?:몇|개수|수)|몇 ?단어|어절",
            re.I,
        ),
    ),
    (
        "characters",
        re.compile(
            r"\b(?:how many|count|number of)\b(?: (?:all|the|of))* (?:characters|letters)\b|몇 ?(?:글자|자)"
            r"|글자 ?수",
            re.I,
        ),
    ),
)
_WITHOUT_SPACES = re.compile(
    r"without (?:the )?spaces|(?:excluding|not counting|no|ignoring) spaces|\bletters\b|공백\s?(?:을"
    r"|은)?\s?(?:빼|제외|없이)|띄어쓰기\s?(?:빼|제외)",
    re.I,
)
_WORD_TO_COUNT = re.compile(
    r"\bin\s+(?:the\s+)?(?:word|name|string)\s+['\"]?(?P<en>[^\W_]+)['\"]?\W*$|^(?P<bare>\S{2,30}?)(?:은"
    r"|는|이|가)?\s+몇 ?(?:글자|자)(?:야|예요|인가요|인지|이야|일까)?\W*$",
    re.I,
)
_CASE = re.compile(
    r"\b(?:convert|turn|put|write|change|make)\b.*\b(?:in|to|into)?\s*(?P<case>upper|lower)\s?-?case\b"
    r"|(?P<ko>대문자|소문자)로 (?:바꿔|변환|써)",
    re.I,
)
_TASK_BEFORE_COLON = re.compile(r"^[^:：\n]{3,120}[:：]\s*(?P<text>\S[^\n]*)$")


def work_on_text(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Reverse, count or change the case of a text that the message names or contains."""
    task, text, separate = split_message(prompt.question)
    if not separate:
        task, text = prompt.question.strip(), ""
    if len(task) > 200:
        return None
    target = text
    if not target and (quotations := find_quotations(task)):
        target = max(quotations, key=len)
    elif not target and (match := _TASK_BEFORE_COLON.match(task)):
        target = match["text"].strip()
    answers = (rule(task, target, style.language) for rule in _RULES)
    return next((answer for answer in answers if answer is not None), None)


def _reverse(task: str, target: str, _language: Language) -> Answer | None:
    if not _REVERSE.search(task) or re.search(r"\border\b|순서", task, re.I):
        return None
    if not target and (match := _WORD_TO_REVERSE.search(task)):
        # A Korean noun before the verb is a target only if there is nothing else.
        is_clear = not match["ko"] or task.strip().startswith(match["ko"])
        if is_clear:
            target = (match["en"] or match["bare"] or match["ko"]).strip("'\"‘’“”.")
    asks_for_text = re.search(
        r"\breverse\b|\bspell\b|\bbackwards\b|거꾸로 (?:써|쓰|적|읽|말|출력|하)|뒤집어", task, re.I
    )
    if not target or not asks_for_text or len(target) > 500:
        return None
    result = target[::-1]
    return Answer(f"**{result}**", result, result)


def _count_letter(task: str, _target: str, language: Language) -> Answer | None:
    letter_match, word_match = _LETTER.search(task), _IN_WORD.search(task)
    if not _HOW_OFTEN.search(task) or letter_match is None or word_match is None:
        return None
    letter, word = letter_match["named"] or letter_match["bare"], word_match["word"]
    number = word.lower().count(letter.lower())
    return Answer(
        language.localise(
            f"**{number}**: the letter “{letter}” in “{word}”.",
            f"“{word}”에 “{letter}”는 **{number}**번 나옵니다.",
        ),
        str(number),
        str(number),
    )


def _count_units(task: str, target: str, language: Language) -> Answer | None:
    task = strip_form(task)
    if not _COUNT.search(task):
        return None
    unit = next((unit for unit, pattern in _UNITS if pattern.search(task)), None)
    if not target and (match := _WORD_TO_COUNT.search(task)):
        target = (match["en"] or match["bare"]).strip("'\"‘’“”")
    if unit is None or not target:
        return None
    without_spaces = _WITHOUT_SPACES.search(task) is not None
    if unit == "sentences":
        number = len(split_sentences(target))
    elif unit == "words":
        number = len(target.split())
    else:
        number = len(re.sub(r"\s", "", target) if without_spaces else target)
    names = {
        "sentences": ("sentence", "문장"),
        "words": ("word", "단어"),
        "characters": ("character", "글자"),
    }
    english, korean = names[unit]
    note = ""
    if unit == "characters" and " " in target:
        note = language.localise(
            " without spaces" if without_spaces else " with spaces",
            "공백 제외 " if without_spaces else "공백 포함 ",
        )
    return Answer(
        language.localise(
            f"**{number:,}** {english}{'' if number == 1 else 's'}{note}.",
            f"{note}**{number:,}**{'개 ' if unit != 'characters' else ''}{korean}입니다.",
        ),
        str(number),
        str(number),
    )


def _change_case(task: str, target: str, _language: Language) -> Answer | None:
    match = _CASE.search(task)
    if match is None or not target or "?" in task:
        return None
    is_upper = (match["case"] or "").lower() == "upper" or match["ko"] == "대문자"
    result = target.upper() if is_upper else target.lower()
    return Answer(result, result, exact=True)


_RULES: tuple[Callable[[str, str, Language], Answer | None], ...] = (
    _reverse,
    _count_letter,
    _count_units,
    _change_case,
)
