"""An honest account of what arrived, for whatever the rules cannot answer."""

import random
from collections import Counter

from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.sentences import keywords, word_count
from core.sandbox.replies.style import Style

_TRY = (
    "*explain streaming*",
    "*what is a context window?*",
    "`17.5% of 240`",
    "*how many days from 2026-01-15 to 2026-03-01?*",
    "*show me a table*",
    "*tell me about tool calling*",
    "pasting a text with a question below it",
)
_TRY_KO = (
    "*스트리밍 설명*",
    "*토큰이 뭐야?*",
    "`240의 17.5%`",
    "*표 보여줘*",
    "*도구 호출 설명*",
    "글을 붙여 넣고 질문하기",
)


def _picked(offers: tuple[str, ...], prompt: ChatPrompt) -> str:
    return ", ".join(random.Random(prompt.random_seed).sample(offers, 3))


def describe_request(prompt: ChatPrompt, style: Style) -> str:
    """Say what was received, what it seems to be about, and what would get a better answer."""
    about = ", ".join(f"**{word}**" for word in keywords(prompt.question, 5)) or "–"
    return style.language.localise(_english(prompt, about), _korean(prompt, about))


def _english(prompt: ChatPrompt, about: str) -> str:
    roles = Counter(turn.role for turn in prompt.messages)
    counted = ", ".join(f"{number} {role}" for role, number in roles.items())
    lines = [
        f"- your message: {word_count(prompt.question):,} word(s), about {about}",
        f"- the conversation: {counted or 'no'} message(s), asked of `{prompt.model}`",
    ]
    if prompt.instructions:
        lines.append(f"- instructions: {word_count(prompt.instructions):,} words")
    return (
        "The sandbox knows its rules and nothing of the world, so I cannot answer that. What I received:\n\n"
        + "\n".join(lines)
        + f"\n\nTry {_picked(_TRY, prompt)}, or choose a real server on the Settings page."
    )


def _korean(prompt: ChatPrompt, about: str) -> str:
    lines = [
        f"- 메시지: {word_count(prompt.question):,}단어, 핵심어 {about}",
        f"- 대화: 메시지 {len(prompt.messages)}개, 모델 `{prompt.model}`",
    ]
    if prompt.instructions:
        lines.append(f"- 지시문: {word_count(prompt.instructions):,}단어")
    return (
        "샌드박스는 규칙만 알고 세상일은 몰라서 답할 수 없습니다. 받은 것은 이렇습니다.\n\n"
        + "\n".join(lines)
        + f"\n\n{_picked(_TRY_KO, prompt)}을(를) 해 보거나, 설정 페이지에서 실제 서버를 고르세요."
    )
