"""Separation of a message into what it asks for and the text that it is about."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.language.sentences import split_blocks, split_sentences
from core.sandbox.replies.language.style import is_form_sentence
from core.sandbox.replies.prompt import ChatPrompt

# A shorter message without a question is a statement; a longer one is a text to work on.
_MIN_TEXT_LENGTH = {Language.ENGLISH: 120, Language.KOREAN: 60}
# With a question beside it, or in quotation marks, less is enough.
_MIN_PART_LENGTH = {Language.ENGLISH: 30, Language.KOREAN: 14}
_MAX_TASK_LENGTH = 260
_LABEL = re.compile(
    r"^(?:context|text|article|passage|document|question|q|내용|본문|글|지문|질문|문제)\s*[:：]\s*", re.I
)
_ASKS = re.compile(
    r"[?？][\s\"')ㅠㅎㅋ~]*$"
    r"|^\W*(?:and |so |now |ok(?:ay)? |then )?(?:please |pls |kindly )?(?:(?:can|could"
    r"|would) you )?(?:please )?"
    r"(?:what|who|whom|whose|when|where|why|how|which|extract|list|find|give|get|pull|pick|show|tell"
    r"|count|name|write|"
    r"summari[sz]e|summary|reverse|translate|rewrite|rephrase|paraphrase|proofread|answer|reply|return"
    r"|respond|"
    r"read|use|using|output|format|convert|turn|put|sort|explain|continue|key\s?words?|tl;?dr"
    r"|main points|from (?:this|the))\b"
    r"|(?:continue|summari[sz]e) it\b|\b(?:pls|please)[\W]*$",
    re.I,
)
_KOREAN_ASKS = re.compile(
    r"[?？][\s\"')ㅠㅎㅋ~]*$"
    r"|(?:줘|줘요|주세요|주십시오|줄래|줄래요|주라|주실래요|달라|바랍니다|부탁\S*|하세요|하시오|답해"
    r"|답하라|써|알려|골라)[\s.!~ㅠㅎㅋ]*$"
    r"|^[^\n]*(?:추출|요약|번역|정리|핵심어|키워드)[^\n]{0,12}$"
)
_KOREAN_INTERROGATIVE = re.compile(r"뭐|뭔|뭘|무슨|무엇|누가|누구|누군|언제|어디|왜|얼마|몇|어떤|어느|어떻게")
_STATEMENT_END = re.compile(r"(?:다|니다|음|임)[.!]\s*$")
# A Korean particle may follow the quotation mark.
_QUOTED = re.compile(r"[\"“](?P<text>[^\"“”]+)[\"”]|(?<!\w)['‘](?P<single>[^'‘’\n]{2,}?)['’](?![^\W가-힣])")


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A question about a text. The text is *separate* if the message sets it off from the question."""

    question: str
    text: str
    in_last_message: bool
    separate: bool = True


def find_text_question(prompt: ChatPrompt) -> TextQuestion | None:
    """Find the text to work on: in the question, else in earlier messages and in the instructions."""
    task, text, separate = split_message(prompt.question)
    if text:
        return TextQuestion(task, text, in_last_message=True, separate=separate)
    if not prompt.question.strip():
        return None
    # The latest text first: a question is rather about that.
    earlier = [message.text for message in prompt.messages if message.role in ("user", "tool")][:-1]
    sources = [split_message(source)[1] for source in reversed(earlier)]
    # Instructions of one block tell what to do, and have no text to work on.
    if len(blocks := split_blocks(prompt.instructions)) > 1:
        sources.append("\n\n".join(blocks[1:]))
    texts = [source for source in sources if len(split_sentences(source)) > 1]
    return TextQuestion(prompt.question, texts[0], in_last_message=False) if texts else None


@lru_cache(maxsize=256)
def split_message(message: str) -> tuple[str, str, bool]:
    """Return the question or task, the text, and whether the text is set off from it."""
    blocks = [block for block in split_blocks(message) if block]
    if any(block.startswith("```") for block in blocks) or not blocks:
        return message.strip(), "", False
    if len(blocks) > 1 and (parts := _split_parts(blocks, "\n\n")):
        return parts
    if quoted := _split_quoted(message):
        return quoted
    lines = [line for line in message.splitlines() if line.strip()]
    if len(lines) > 1 and (parts := _split_parts(lines, "\n")):
        return parts
    if len(lines) == 1 and (parts := _split_line(lines[0].strip())):
        return parts
    is_long = len(message) >= _MIN_TEXT_LENGTH[detect_language(message)]
    if is_long and len(split_sentences(message)) > 1 and not asks(message):
        return "", message.strip(), True
    return message.strip(), "", False


def asks(part: str) -> bool:
    """Return whether *part* is a question or a task."""
    sentences = split_sentences(part)
    if len(part) > _MAX_TASK_LENGTH or len(sentences) > 3 or part.lstrip().startswith("|"):
        return False
    if detect_language(part) is Language.ENGLISH:
        return any(_ASKS.search(sentence) for sentence in sentences)
    return any(
        _KOREAN_ASKS.search(sentence)
        or (_KOREAN_INTERROGATIVE.search(sentence) and not _STATEMENT_END.search(sentence))
        for sentence in sentences
    )


def find_quotations(text: str) -> list[str]:
    """Return what is in quotation marks."""
    return [(match["text"] or match["single"]).strip() for match in _QUOTED.finditer(text)]


def _split_parts(parts: list[str], separator: str) -> tuple[str, str, bool] | None:
    """Take the last part as the question, or the first, or both."""
    first, last = asks(parts[0]), asks(parts[-1])
    if last and parts[-1].rstrip(" \"')").endswith(("?", "？")):
        tasks, texts = ([parts[0], parts[-1]], parts[1:-1]) if first else ([parts[-1]], parts[:-1])
    elif first:
        tasks, texts = [parts[0]], parts[1:]
    elif last:
        tasks, texts = [parts[-1]], parts[:-1]
    else:
        return None
    if not texts and (quoted := _split_quoted(separator.join(parts))):
        return quoted
    text = separator.join(_LABEL.sub("", part) for part in texts).strip().strip("-").strip()
    task = "\n".join(_LABEL.sub("", part) for part in tasks).lstrip("- \n")
    return (task, text.strip('"“”'), True) if _is_part(text) else None


def _split_quoted(message: str) -> tuple[str, str, bool] | None:
    """Take the longest quotation as the text, and what is around it as the question."""
    matches = [match for match in _QUOTED.finditer(message) if match["text"]]
    if not matches:
        return None
    match = max(matches, key=lambda match: len(match.group()))
    task = f"{message[: match.start()].strip()} {message[match.end() :].strip()}".strip()
    if not _is_part(match["text"]) or not task:
        return None
    if len(task) > _MAX_TASK_LENGTH and len(task) > len(match["text"]):
        return None
    return (task, match["text"].strip(), True)


def _split_line(line: str) -> tuple[str, str, bool] | None:
    """Split a line at a colon after a task, or before a question at its end."""
    head, colon, tail = line.partition(":")
    if colon and asks(head) and _is_part(tail.strip()) and not tail.strip().endswith("?"):
        return head.strip(), tail.strip(), True
    sentences = split_sentences(line)
    form = [sentence for sentence in sentences[:1] if is_form_sentence(sentence)]
    sentences = sentences[len(form) :]
    if len(sentences) < 3 or not asks(sentences[-1]) or any(asks(sentence) for sentence in sentences[:-1]):
        return None
    text = " ".join(sentences[:-1])
    return (" ".join([*form, sentences[-1]]), text, False) if _is_part(text) else None


def _is_part(text: str) -> bool:
    return len(text) >= _MIN_PART_LENGTH[detect_language(text)]
