"""The reply to a request with a JSON schema: JSON with the values of the user's text, or a refusal."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from core.sandbox.json_schema.strict import InvalidSchema, Schema, check_schema
from core.sandbox.replies.language.detection import detect_language
from core.sandbox.replies.language.text_question import find_text_question, split_message
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.structured.document import Document, bounded_text
from core.sandbox.structured.document_source import DocumentSource
from core.sandbox.structured.fill import SchemaFiller
from core.sandbox.structured.kinds import split_name
from core.sandbox.structured.verdict import judge_replies

_MAX_QUESTION = 4_000
_MAX_SCHEMA_STARTS = 20
_DISALLOWED = re.compile(
    r"\b(?:how (?:to|do i|can i)|instructions|steps|recipe|explain|tell me|help me|guide)\b[^.?!\n]{0,60}"
    r"\b(?:bombs?|explosives?|grenades?|malware|ransomware|meth(?:amphetamine)?|nerve gas"
    r"|bioweapons?|poison (?:someone|somebody|a person)"
    r"|kill (?:someone|somebody|a person)|hack into|steal (?:a )?(?:credit cards?|passwords?))\b"
    r"|(?:폭탄|폭발물|수류탄|마약|필로폰|독가스|랜섬웨어|악성 ?코드)[^.?!\n]{0,20}(?:만드는|만들"
    r"|제조|합성)|(?:사람|누군가)를? (?:죽이는|해치는) (?:법|방법)",
    re.I,
)


def fill_schema(prompt: ChatPrompt, schema: Schema, name: str, reply: Callable[[ChatPrompt], str]) -> str:
    """Return JSON that is valid against *schema*, with the values that the text of *prompt* has for it.

    *reply* answers a question, for a field that asks for the answer. Raises UnfillableSchema.
    """
    if (verdict := judge_replies(prompt.question, schema)) is not None:
        return to_json(verdict)
    # The text to extract from: the user's document without the task, and the results of tools.
    question = find_text_question(prompt)
    _, text, _ = split_message(prompt.question)
    text = text or (question.text if question and not question.in_last_message else "") or prompt.question
    last_user = max(
        (index for index, message in enumerate(prompt.messages) if message.role == "user"), default=0
    )
    results = [message.text for message in prompt.messages[last_user:] if message.role == "tool"]
    text = "\n".join([text, *(line for result in results for line in _result_lines(result))])

    def answer() -> str:
        # The first paragraph without emphasis: the notes and suggestions are below it.
        return reply(prompt).split("\n\n", 1)[0].replace("**", "").replace("`", "")

    source = DocumentSource(Document(bounded_text(text), answer), split_name(name))
    return to_json(SchemaFiller(schema).fill(source).value)


def find_schema(text: str) -> Schema | None:
    """Return the first JSON Schema of an object in *text*; None without one."""
    decoder = json.JSONDecoder()
    start = -1
    for _ in range(_MAX_SCHEMA_STARTS):
        start = text.find("{", start + 1)
        if start < 0:
            return None
        try:
            value, _ = decoder.raw_decode(text, start)
            if isinstance(value, dict) and isinstance(value.get("properties"), dict):
                check_schema(value)
                return value
        except (ValueError, RecursionError, InvalidSchema):
            continue
    return None


def find_refusal(prompt: ChatPrompt) -> str | None:
    """Return the refusal of a message that asks for something disallowed; None for any other message."""
    return refusal_text(prompt) if _DISALLOWED.search(prompt.question[:_MAX_QUESTION]) else None


def refusal_text(prompt: ChatPrompt) -> str:
    return detect_language(prompt.question).localise(
        "I'm sorry, but I can't assist with that request.", "죄송하지만 그 요청은 도와드릴 수 없습니다."
    )


def to_json(value: Any) -> str:
    """Return *value* as models write JSON: without spaces between the parts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _result_lines(result: str) -> Iterator[str]:
    """Yield the result of a tool as lines of the form `name: value`."""
    try:
        value = json.loads(result)
    except ValueError:
        yield result
        return
    stack = [("", value)]
    while stack:
        name, part = stack.pop()
        if isinstance(part, dict):
            stack += [(f"{name} {key}".strip(), child) for key, child in reversed(part.items())]
        elif isinstance(part, list):
            stack += [(name, child) for child in reversed(part)]
        elif part is not None:
            yield f"{split_name(name)}: {part}" if name else str(part)
