"""Tasks that require a language model, recognised so that no rule pretends to do them."""

import re

from core.sandbox.replies.language import Language, detect_language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_TASKS = (
    (r"\btranslat\w+|번역", "translating", "번역"),
    (
        r"\b(?:rewrite|rephrase|paraphrase|proofread|edit e-?mails)\b|고쳐|다듬|바꿔 써",
        "rewriting",
        "글 고치기",
    ),
    (
        r"\b(?:explain|review|debug|refactor|fix)\b[^\n]{0,40}\bcode\b|코드를? (?:설명|검토|고쳐)",
        "reading code",
        "코드 읽기",
    ),
    (
        r"\bwrite\b[^\n]{0,30}\b(?:poem|story|essay|song|haiku|e-?mail|letter|speech|joke)\b|\btell\b[^\n]{0,12}\b(?:joke|story)\b"
        r"|(?:시|이야기|소설|편지|이메일|농담)[^\n]{0,8}(?:써|지어|해 ?줘)",
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


def _user_language(prompt: ChatPrompt) -> Language:
    """Return the language of the user, which is not the language to translate into."""
    return detect_language(f"{prompt.instructions}\n{prompt.question}")


def unsupported_task(prompt: ChatPrompt) -> str | None:
    """Return the name of the task, if the question or the instructions ask for one that rules cannot do."""
    for text in (prompt.question[:200], prompt.instructions[:600]):
        for pattern, english, korean in _COMPILED:
            if pattern.search(text):
                return _user_language(prompt).localise(english, korean)
    return None


def decline(prompt: ChatPrompt, _style: Style) -> str | None:
    """Explain that the task requires a language model, and what the sandbox can still show."""
    task = unsupported_task(prompt)
    if task is None:
        return None
    words = len(prompt.question.split())
    return _user_language(prompt).localise(
        f"**{task[0].upper()}{task[1:]} requires a language model**, and the sandbox has none: "
        f"it computes replies by rules. Your request arrived as it should: {words:,} words, with the "
        "instructions and parameters that you see in *Request details*. Choose a real server on the "
        "Settings page, and the same request gets a real answer.\n\n"
        "Here you can still try how it streams, what it would cost, and what happens when something fails.",
        f"**{task}에는 언어 모델이 필요한데**, 샌드박스는 규칙으로 답을 계산할 뿐입니다. "
        f"요청은 제대로 도착했습니다({words:,}단어). "
        "지시문과 매개변수는 *Request details*에서 볼 수 있습니다. "
        "설정 페이지에서 실제 서버를 고르면 같은 요청에 실제 답이 옵니다.\n\n"
        "여기서는 스트리밍, 예상 비용, 실패했을 때의 모습을 시험해 볼 수 있습니다.",
    )
