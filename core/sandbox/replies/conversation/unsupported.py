"""The refusal of what requires a language model, so that no rule pretends to do it."""

import random
import re
from dataclasses import replace

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.language.text_question import split_message
from core.sandbox.replies.prompt import ChatPrompt

_TASKS = (
    (
        r"\btranslat\w+|\bin (?:german|french|spanish|japanese|chinese|italian)\b\W*$|번역",
        "translating",
        "번역",
    ),
    (
        r"\b(?:rewrite|rephrase|reword|paraphrase|proofread|edit e-?mails|polish|improve (?:this|my|the)"
        r"|correct (?:this|my|the))\b"
        r"|\b(?:sounds?|make it|more) (?:\w+ )?(?:polite|formal|friendly|natural|professional)\b|고쳐|다듬"
        r"|바꿔 (?:써|줘)|공손하게|자연스럽게",
        "rewriting",
        "글 고치기",
    ),
    (
        r"\b(?:explain|review|debug|refactor|fix)\b[^\n]{0,40}\bcode\b|코드를? (?:설명|검토|고쳐)",
        "reading code",
        "코드 읽기",
    ),
    (
        r"\b(?:write|code|implement)\b[^\n]{0,30}\b(?:function|script|program|class|regex|query)\b|(?:코드"
        r"|함수|프로그램)를?\s?(?:짜|작성|만들)",
        "writing code",
        "코드 쓰기",
    ),
    (
        r"\b(?:write|compose|draft)\b[^\n]{0,30}\b(?:poem|story|essay|song|haiku|limerick|e-?mail|letter"
        r"|speech|joke|post|review)\b"
        r"|\btell\b[^\n]{0,12}\b(?:joke|story)\b|\bcontinue (?:it|the|this|my)\b"
        r"|\bcontinue\b[^\n]{0,20}\bstory\b"
        r"|(?<![가-힣])(?:글|시)(?:을|를|도|한 편|하나)?\s?(?:좀\s?)?(?:써|지어)|(?:시 한 편|이야기"
        r"|얘기|소설|편지|이메일|메일|농담)[^\n]{0,10}(?:써|지어|해 ?줘|해 ?주)"
        r"|이어서? ?(?:써|쓰)|뒷이야기",
        "writing freely",
        "자유로운 글쓰기",
    ),
    (
        r"step by step|solve (?:this|the|problems)|word problem|문제를? (?:꼼꼼히 )?풀|단계마다",
        "reasoning through problems",
        "문제 풀이",
    ),
)
_COMPILED = tuple((re.compile(pattern, re.I), english, korean) for pattern, english, korean in _TASKS)
_EXAMPLES = (
    "*explain streaming*",
    "*what is a context window?*",
    "`17.5% of 240`",
    "*how many days from 2026-01-15 to 2026-03-01?*",
    "*show me a table*",
    "*tell me a joke*",
    "*explain recursion*",
    "*plan a weekend in Seoul*",
    "*count to 300*",
)
_KOREAN_EXAMPLES = (
    "*스트리밍을 설명해 줘*",
    "*컨텍스트 윈도가 뭐야?*",
    "`240의 17.5%`",
    "*표 보여 줘*",
    "*농담 하나 해 줘*",
    "*재귀가 뭐야?*",
    "*근의 공식 알려 줘*",
    "`12 곱하기 12`",
    "*300까지 세어 줘*",
)


def _user_language(prompt: ChatPrompt) -> Language:
    """Return the language of the user, which is not the language to translate into."""
    task, text, _ = split_message(prompt.question)
    return detect_language(task or text or prompt.instructions)


def unsupported_task(prompt: ChatPrompt) -> str | None:
    """Return the name of the task, if the question or the instructions ask for one that rules cannot do."""
    task, _, _ = split_message(prompt.question)
    for text in (task[:300], prompt.instructions[:600]):
        for pattern, english, korean in _COMPILED:
            if pattern.search(text):
                return _user_language(prompt).localise(english, korean)
    return None


def instructs_task(prompt: ChatPrompt) -> bool:
    """Return whether the instructions ask for a task that rules cannot do, whatever the question is."""
    return any(pattern.search(prompt.instructions[:600]) for pattern, _, _ in _COMPILED)


def decline(prompt: ChatPrompt, _style: Style) -> Answer | None:
    """Refuse a task that requires a language model; None if the message asks for no such task."""
    task = unsupported_task(prompt)
    return replace(refuse(prompt, task), is_refusal=True) if task else None


def refuse(prompt: ChatPrompt, task: str = "") -> Answer:
    """Say that *task*, or the question, requires a language model, and what the sandbox can do.

    For a question about a text, say first that its words do not answer it.
    """
    language = _user_language(prompt)
    examples = _KOREAN_EXAMPLES if language is Language.KOREAN else _EXAMPLES
    suggestions = ", ".join(random.Random(prompt.random_seed).sample(examples, 3))
    _, text, is_separate = split_message(prompt.question)
    subject = task[:1].upper() + task[1:] or language.localise("This", "이 질문에 답하기")
    in_text = ""
    if text and is_separate and not task:
        in_text = language.localise(
            "The text does not seem to answer that in so many words.\n\n",
            "이 글에 그 답이 그대로 나와 있지는 않은 것 같습니다.\n\n",
        )
    return Answer(
        language.localise(
            f"{in_text}**{subject} requires a language model**, and the sandbox has none: it replies by "
            f"rules and "
            "has no general knowledge. Choose a real server on the Settings page, and the same request "
            "gets a real "
            "answer.\n\nThe sandbox can answer questions about a text that you paste, extract "
            "addresses, names, "
            "dates and prices from it, calculate, count, and explain the API. "
            f"Try {suggestions}.",
            f"{in_text}**{subject}에는 언어 모델이 필요한데**, 샌드박스는 규칙으로만 답하고 일반 지식이 "
            f"없습니다. "
            "설정 페이지에서 실제 서버를 고르면 같은 요청에 실제 답이 옵니다.\n\n"
            "샌드박스는 붙여 넣은 글에 대한 질문, 글에서 주소·이름·날짜·가격 뽑기, 계산, 글자 수 세기, "
            f"API 설명을 할 수 있습니다. {suggestions} 등을 시험해 보세요.",
        )
    )
