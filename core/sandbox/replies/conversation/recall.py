"""What the user wrote earlier about themselves."""

import re

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.matching import matched_words, query_words, words_of
from core.sandbox.replies.language.sentences import load_words, split_sentences
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.language.text_question import asks
from core.sandbox.replies.prompt import ChatPrompt

_RECALL = re.compile(
    r"\b(?:what(?:'s| is| was| did| were)|where|when|which|who|how|remember|recall|remind|still know"
    r"|do you know|tell me)\b|뭐|무엇|어디|언제|누구|몇|얼마|기억|했지|했죠|했더라|알려|이더라|였지|였더라",
    re.I,
)
_MINE = re.compile(r"\b(?:my|i|our|we)\b|(?:^|\s)(?:내|제|나의|저의|우리|나|저|내가|제가)(?=\s|는|의)", re.I)
_ABOUT_NAME = re.compile(r"\bname\b|이름", re.I)
_CALLED = re.compile(
    r"\b(?:called|named|name is|name's)\s+(?P<name>[A-Z][\w'-]+)|이름은\s*(?P<ko>[가-힣]{1,6}?)(?:야"
    r"|이야|예요|이에요|입니다)"
)
_MY_WORDS = ("내", "제", "내가", "제가", "나", "저", "우리", "저희")
_RECALL_WORDS = load_words("words of remembering")


def recall_fact(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Quote what the user wrote about themselves: "what was my locker number?"."""
    question = (split_sentences(prompt.question) or [""])[-1]
    if len(question) > 120 or not (_RECALL.search(question) and _MINE.search(question)):
        return None
    wanted = [
        word
        for word in query_words(question)
        if word not in _RECALL_WORDS and not word.startswith("기억") and word not in _MY_WORDS
    ]
    statements = [
        sentence
        for message in prompt.messages[:-1]
        if message.role == "user"
        for sentence in split_sentences(message.text)
        if not asks(sentence)
        and (_MINE.search(sentence) or len(sentence) < 120)
        and not sentence.endswith("?")
    ]
    if not wanted or not statements:
        return None
    matched, index = max(
        (matched_words(wanted, words_of(statement)), index) for index, statement in enumerate(statements)
    )
    if matched / len(wanted) < 0.6:
        return None
    statement = statements[index]
    called = _CALLED.search(statement) if _ABOUT_NAME.search(question) else None
    name = (called["name"] or called["ko"]) if called else ""
    wrote = style.language.localise("You wrote:", "이렇게 말씀하셨습니다.")
    return Answer(f"{wrote}\n\n> {statement}", statement, name)
