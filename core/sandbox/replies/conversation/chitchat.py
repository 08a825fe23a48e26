"""Greetings, thanks, names, and examples of Markdown."""

import random
import re

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.conversation.topics import unknown_words
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.prompt import ChatPrompt

_HELLO = re.compile(
    r"^\W*(?:hi+|hello|hey|good (?:morning|afternoon|evening)|안녕|반가|하이(?!쿠)|ㅎㅇ)[^\W\d_]*"
    r"(?:[\s,!]+(?:there|again|all|everyone|sandbox|world|하세요|반가\S*))*\W*(?:how are you)?\W*$"
    r"|^\W*(?:hi|hello|hey)\b\W*안녕\S*\W*$",
    re.I,
)
_THANKS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|nice|cool|perfect|wow|good|well)[,!. ]*)*(?:thanks?|thank you|cheers"
    r"|great|nice|cool|perfect|고마워|고맙|감사|ㄱㅅ|ㄳ|땡큐)[가-힣]*"
    r"(?:[\s,!]+(?:a lot|so much|very much|you|again|for (?:that|this|your help|the help)|many|정말"
    r"|많이))*\W*$",
    re.I,
)
_MY_NAME = re.compile(
    r"\b(?i:my name is|call me|i am called|my name's)\s+(?P<name>[^\W\d_]{2,30})"
    r"|\b(?:I'm|I am|i'm|this is)\s+(?P<am>[A-Z][a-z]{1,20})\b(?=\s*[,.!]|\s+and\b|\s+from\b|\s*$)"
    r"|(?:내|제) 이름은\s*(?P<ko>[가-힣]{2,5}?)(?:이야|야|입니다|이에요|예요|이라고|라고)"
    r"|(?:^|\s)(?:나는|난|저는|전)\s*(?P<self>[가-힣]{2,4}?)(?:이라고|라고)\s*(?:해|합|하)"
)
_ASKS_NAME = re.compile(
    r"\b(?:what(?:'s| is| was) my name|who am i|(?:remember|know|recall) my name|say my name)\b|(?:내"
    r"|제) 이름(?:이|은|을)?\s*(?:뭐|무엇|기억|알)",
    re.I,
)
_ASKS_LAST = re.compile(r"\bwhat did i (?:just )?(?:say|ask|write)\b|내가 (?:방금|아까) (?:뭐|무엇)", re.I)
_ECHO = re.compile(
    r"^\W*(?:please\s+)?(?:say(?!\s+(?:something|anything|some|why|how|what|it|that))(?=(?:\s*:|\s+\S+){1,4}\s*$)"
    r"|say\s*[:,]|repeat after me|repeat(?=\s*:)|echo)\s*[:,]?\s+(?P<words>\S.{0,300})$",
    re.I,
)
_LAUGHTER = re.compile(r"^\W*(?:[ㅋㅎ]+|(?:ha|he){2,}h?|lol|lmao|rofl|(?:푸|하)?하하+|크크+)\W*$", re.I)
_TEST = re.compile(r"^\W*(?:test|testing|ping|테스트|핑)\W*$", re.I)
_SHOW = re.compile(
    r"\b(?:show|give|make|create|draw|generate|display|example|write|print)\b"
    r"|(?:보여|만들|그려|작성)[가-힣]*|예시|예제",
    re.I,
)
_TABLE = re.compile(
    r"\b(?:markdown )?tables?\b|(?:마크다운\s?|(?<![가-힣]))표(?:를|로)?(?:\s?하나)?(?![가-힣])", re.I
)
_CODE = re.compile(r"\b(?:python )?code\b|\bsnippet\b|(?:파이썬 )?코드(?:를)?", re.I)
_LIST = re.compile(r"\b(?:a|an|some|example) (?:example )?lists?\b|목록(?:을)?", re.I)
_TO_REMEMBER = re.compile(
    r"^\W*(?:please )?(?:remember|note|keep in mind)\b|^\W*(?:my|our) [\w' -]{2,40} (?:is|are)\b|기억해"
    r"|^\W*(?:내|제|우리) [가-힣 ]{1,12}(?:은|는) ",
    re.I,
)
_MAX_STATEMENT_LENGTH = 160
_MAX_LENGTH = 80

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


def answer_chitchat(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Answer a greeting, thanks, or a question about the user's name or last message."""
    question, localise = prompt.question.strip(), style.language.localise
    earlier = [message.text for message in prompt.messages if message.role == "user"][:-1]
    if _ASKS_NAME.search(question):
        names = [name for text in earlier if (name := _find_name(text))]
        if not names:
            return Answer(
                localise(
                    "Your name is not in this conversation, and a model remembers nothing else.",
                    "이 대화에서는 말씀하신 적이 없습니다. 모델은 그 밖의 것을 기억하지 못합니다.",
                )
            )
        text = localise(
            f"**{names[-1]}**. It is in the conversation history that came with your question.",
            f"**{names[-1]}** 님입니다. 질문과 함께 온 대화 기록에 있습니다.",
        )
        return Answer(text, names[-1], names[-1])
    if match := _ECHO.search(question):
        words = match["words"].strip()
        return Answer(words, words, words)
    if _ASKS_LAST.search(question):
        if not earlier:
            return Answer(
                localise("Nothing yet: this is your first message.", "아직 없습니다. 이것이 첫 메시지입니다.")
            )
        quote = "\n".join(f"> {line}" for line in earlier[-1][:600].splitlines())
        return Answer(
            localise(f"Before this, you wrote:\n\n{quote}", f"바로 전에 이렇게 쓰셨습니다.\n\n{quote}")
        )
    return _acknowledge(question, style) or _answer_greeting(prompt, style)


def show_example(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Show a table, code or a list, if the question asks for one and for nothing else."""
    question, localise = prompt.question, style.language.localise
    patterns = (_TABLE, _CODE, _LIST)
    pattern = next((pattern for pattern in patterns if pattern.search(question)), None)
    if pattern is None or len(question) > _MAX_LENGTH or "```" in question or not _SHOW.search(question):
        return None
    if unknown_words(pattern.sub(" ", _SHOW.sub(" ", question.lower()))):
        return None
    if pattern is _TABLE:
        yes = localise("yes", "예")
        rows = [f"| {n} | {n * n} | {2**n:,} | {yes if n in (2, 3, 5, 7) else '–'} |" for n in range(1, 11)]
        intro = localise("The first ten numbers:\n\n", "처음 열 개의 수입니다.\n\n")
        return Answer(intro + _TABLE_EXAMPLE.format(rows="\n".join(rows)))
    if pattern is _CODE:
        intro = localise(
            "The sieve of Eratosthenes, in Python:\n\n", "파이썬으로 쓴 에라토스테네스의 체입니다.\n\n"
        )
        result = localise("\nIt prints the 15 primes up to 50.", "\n50까지의 소수 15개를 출력합니다.")
        return Answer(intro + _CODE_EXAMPLE + result)
    return Answer(
        localise(
            "1. Ask a question.\n2. Read the metrics below the reply.\n"
            "3. Open *Request details* and copy the code.",
            "1. 질문하기\n2. 답 아래의 지표 보기\n3. *Request details*를 열어 코드 복사하기",
        )
    )


def _find_name(text: str) -> str | None:
    """Return the name by which the user introduces themselves."""
    match = _MY_NAME.search(text)
    return next((group for group in match.groups() if group), None) if match else None


def _acknowledge(question: str, style: Style) -> Answer | None:
    """Reply to an introduction, or to a fact to remember; a message that also asks something is no such."""
    if "?" in question or len(question) > _MAX_STATEMENT_LENGTH:
        return None
    if name := _find_name(question):
        return Answer(
            style.language.localise(
                f"Nice to meet you, {name}. Ask me for it later: it will be in the history sent along.",
                f"반갑습니다, {name} 님. 나중에 이름을 물어보세요. 대화 기록에서 찾겠습니다.",
            )
        )
    if not _TO_REMEMBER.search(question):
        return None
    return Answer(
        style.language.localise(
            "Noted. Ask me for it later: it will be in the history sent along.",
            "알겠습니다. 나중에 물어보시면 대화 기록에서 찾겠습니다.",
        )
    )


def _answer_greeting(prompt: ChatPrompt, style: Style) -> Answer | None:
    localise, rng = style.language.localise, random.Random(prompt.random_seed)
    question = prompt.question
    if _THANKS.search(question):
        english = ("You are welcome. What would you like to try next?", "My pleasure. Anything else to try?")
        korean = ("천만에요. 다음은 무엇을 해 볼까요?", "도움이 되었다니 다행입니다. 더 해 볼까요?")
        return Answer(localise(rng.choice(english), rng.choice(korean)))
    if _LAUGHTER.search(question):
        english = ("Glad that it made you laugh.", "Laughter is the best reply.")
        korean = ("웃으셨다니 다행입니다.", "웃음이 가장 좋은 답이지요.")
        return Answer(
            localise(
                f"{rng.choice(english)} Ask for *another joke* if you like.",
                f"{rng.choice(korean)} *농담 하나 더*라고 하시면 하나 더 해 드립니다.",
            )
        )
    if _TEST.search(question):
        return Answer(
            localise(
                "It works: your message arrived, and this is the reply.",
                "잘 됩니다. 메시지가 도착했고 이것이 답입니다.",
            )
        )
    if not _HELLO.search(question):
        return None
    return Answer(
        localise(
            rng.choice(("Hello! ", "Hi there! ", "Good to see you! "))
            + "Ask me *what can I do here?* or for *a joke*, paste a text and ask about it, or try "
            "`17.5% of 240`.",
            rng.choice(("안녕하세요! ", "반갑습니다! "))
            + "*여기서 무엇을 할 수 있어?*라고 묻거나, *농담 하나 해 줘*라고 하거나, "
            "글을 붙여 넣고 질문하거나, "
            "`240의 17.5%`를 시험해 보세요.",
        )
    )
