"""Greetings, thanks, names, and examples of Markdown."""

import random
import re

from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_HELLO = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|안녕|반가)", re.I)
_THANKS = re.compile(r"^\W*(?:thanks?|thank you|cheers|great|nice|cool|고마워|고맙|감사)", re.I)
_MY_NAME = re.compile(
    r"\b(?:my name is|call me|i am called)\s+(?P<name>[^\W\d_]{2,30})"
    r"|(?:내|제) 이름은\s*(?P<ko>[가-힣]{2,5}?)(?:이야|야|입니다|이에요|예요)",
    re.I,
)
_ASKS_NAME = re.compile(
    r"\b(?:what(?:'s| is) my name|who am i|remember my name)\b|(?:내|제) 이름(?:이|은)?\s*(?:뭐|무엇|기억)",
    re.I,
)
_ASKS_LAST = re.compile(r"\bwhat did i (?:just )?(?:say|ask|write)\b|내가 (?:방금|아까) (?:뭐|무엇)", re.I)
_ECHO = re.compile(
    r"^\W*(?:please\s+)?(?:say|repeat(?: after me)?|echo)\s*[:,]?\s+(?P<words>\S.{0,300})$", re.I
)
_TEST = re.compile(r"^\W*(?:test|testing|ping|테스트|핑)\W*$", re.I)
_TABLE = re.compile(r"\btable\b|표(?:를|로)?\s*(?:보여|만들|그려)|^표", re.I)
_CODE = re.compile(r"\bcode\b|\bpython\b|\bsnippet\b|코드|파이썬", re.I)
_LIST = re.compile(r"\b(?:a|some) lists?\b|목록", re.I)
_MAX_LENGTH = 200

_TABLE_EXAMPLE = """\
| n | n² | 2ⁿ | prime? |
| ---: | ---: | ---: | :---: |
{rows}
"""
_CODE_EXAMPLE = """\
```python
def primes(limit: int) -> list[int]:
    \"\"\"Sieve the primes up to *limit*.\"\"\"
    sieve = bytearray([1]) * (limit + 1)
    sieve[:2] = b"\\0\\0"
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(sieve[number * number :: number]))
    return [number for number in range(limit + 1) if sieve[number]]


print(primes(50))
```
"""


def answer_chitchat(prompt: ChatPrompt, style: Style) -> str | None:
    """Answer a greeting, thanks, or a question about the user's name or last message."""
    question = prompt.question.strip()
    localise = style.language.localise
    earlier = [message.text for message in prompt.messages if message.role == "user"][:-1]
    if _ASKS_NAME.search(question):
        names = [match for text in earlier for match in _MY_NAME.finditer(text)]
        if not names:
            return localise(
                "You have not told me in this conversation, and a model remembers nothing else.",
                "이 대화에서는 말씀하신 적이 없습니다. 모델은 그 밖의 것을 기억하지 못합니다.",
            )
        name = names[-1]["name"] or names[-1]["ko"]
        return localise(
            f"**{name}**. It is in the conversation history that came with your question.",
            f"**{name}** 님입니다. 질문과 함께 온 대화 기록에 있습니다.",
        )
    if match := _ECHO.search(question):
        return match["words"].strip()
    if match := _MY_NAME.search(question):
        name = match["name"] or match["ko"]
        return localise(
            f"Nice to meet you, {name}. Ask me for it later: it will be in the history sent along.",
            f"반갑습니다, {name} 님. 나중에 이름을 물어보세요. 대화 기록에서 찾겠습니다.",
        )
    if not _ASKS_LAST.search(question):
        return _answer_greeting(prompt, style) if len(question.split()) <= 6 else None
    if not earlier:
        return localise("Nothing yet: this is your first message.", "아직 없습니다. 이것이 첫 메시지입니다.")
    quote = "\n".join(f"> {line}" for line in earlier[-1][:600].splitlines())
    return localise(f"Before this, you wrote:\n\n{quote}", f"바로 전에 이렇게 쓰셨습니다.\n\n{quote}")


def show_example(prompt: ChatPrompt, style: Style) -> str | None:
    """Show a table, code or a list, if the question asks for one."""
    question, localise = prompt.question, style.language.localise
    if len(question) > _MAX_LENGTH or "```" in question:
        return None
    if _TABLE.search(question):
        yes = localise("yes", "예")
        rows = [f"| {n} | {n * n} | {2**n:,} | {yes if n in (2, 3, 5, 7) else '–'} |" for n in range(1, 11)]
        intro = localise("The first ten numbers:\n\n", "처음 열 개의 수입니다.\n\n")
        return intro + _TABLE_EXAMPLE.format(rows="\n".join(rows))
    if _CODE.search(question):
        intro = localise(
            "The sieve of Eratosthenes, in Python:\n\n", "파이썬으로 쓴 에라토스테네스의 체입니다.\n\n"
        )
        result = localise("\nIt prints the 15 primes up to 50.", "\n50까지의 소수 15개를 출력합니다.")
        return intro + _CODE_EXAMPLE + result
    if _LIST.search(question):
        return localise(
            "1. Ask a question.\n2. Read the metrics below the reply.\n"
            "3. Open *Request details* and copy the code.",
            "1. 질문하기\n2. 답 아래의 지표 보기\n3. *Request details*를 열어 코드 복사하기",
        )
    return None


def _answer_greeting(prompt: ChatPrompt, style: Style) -> str | None:
    localise, rng = style.language.localise, random.Random(prompt.random_seed)
    if _THANKS.search(prompt.question):
        return localise(
            rng.choice(
                ("You are welcome. What would you like to try next?", "My pleasure. Anything else to try?")
            ),
            rng.choice(("천만에요. 다음은 무엇을 해 볼까요?", "도움이 되었다니 다행입니다. 더 해 볼까요?")),
        )
    if _TEST.search(prompt.question):
        return localise(
            "It works: your message arrived, and this is the reply.",
            "잘 됩니다. 메시지가 도착했고 이것이 답입니다.",
        )
    if not _HELLO.search(prompt.question):
        return None
    return localise(
        rng.choice(("Hello! ", "Hi there! ", "Good to see you! "))
        + "Ask me *what can I do here?*, paste a text and ask about it, or try `17.5% of 240`.",
        rng.choice(("안녕하세요! ", "반갑습니다! "))
        + "*여기서 무엇을 할 수 있어?*라고 묻거나, 글을 붙여 넣고 질문하거나, `240의 17.5%`를 시험해 보세요.",
    )
