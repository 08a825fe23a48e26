"""The reply to questions that no rule can answer: a description of the request."""

import random
from collections import Counter

from core.sandbox.replies.language import Language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.sentences import keywords, word_count
from core.sandbox.replies.style import Style

_EXAMPLES = (
    "*explain streaming*",
    "*what is a context window?*",
    "`17.5% of 240`",
    "*how many days from 2026-01-15 to 2026-03-01?*",
    "*show me a table*",
    "*tell me about tool calling*",
    "pasting a text with a question below it",
)
_KOREAN_EXAMPLES = (
    "*스트리밍 설명*",
    "*토큰이 뭐야?*",
    "`240의 17.5%`",
    "*표 보여줘*",
    "*도구 호출 설명*",
    "글을 붙여 넣고 질문하기",
)


def describe_request(prompt: ChatPrompt, style: Style) -> str:
    """Describe the request, and suggest questions that the sandbox can answer."""
    about = ", ".join(f"**{word}**" for word in keywords(prompt.question, 5)) or "–"
    words, instruction_words = word_count(prompt.question), word_count(prompt.instructions)
    examples = _KOREAN_EXAMPLES if style.language is Language.KOREAN else _EXAMPLES
    suggestions = ", ".join(random.Random(prompt.random_seed).sample(examples, 3))
    if style.language is Language.KOREAN:
        lines = [
            f"- 메시지: {words:,}단어, 핵심어 {about}",
            f"- 대화: 메시지 {len(prompt.messages)}개, 모델 `{prompt.model}`",
            f"- 지시문: {instruction_words:,}단어",
        ]
        intro = "샌드박스는 규칙으로 답하며 일반 지식이 없어 답할 수 없습니다. 받은 요청은 다음과 같습니다."
        end = f"{suggestions}을(를) 해 보거나, 설정 페이지에서 실제 서버를 고르세요."
    else:
        roles = Counter(message.role for message in prompt.messages)
        counts = ", ".join(f"{count} {role}" for role, count in roles.items())
        lines = [
            f"- your message: {words:,} word{'' if words == 1 else 's'}, about {about}",
            f"- the conversation: {counts or 'no'} message{'' if len(prompt.messages) == 1 else 's'}, "
            f"asked of `{prompt.model}`",
            f"- instructions: {instruction_words:,} word{'' if instruction_words == 1 else 's'}",
        ]
        intro = (
            "The sandbox answers by rules and has no general knowledge, so I cannot answer that. "
            "What I received:"
        )
        end = f"Try {suggestions}, or choose a real server on the Settings page."
    if not prompt.instructions:
        lines.pop()
    return "\n\n".join((intro, "\n".join(lines), end))
