"""Summaries of reasoning: what the sandbox has read and what it does, in the language of the question."""

from core.sandbox.completions.request import GenerationRequest
from core.sandbox.replies.language.detection import detect_language

_MAX_QUOTE = 80


def summarise(request: GenerationRequest, detail: str | None) -> tuple[str, ...]:
    """Return the parts of the summary: one if it is concise, two if it is detailed, none without *detail*."""
    if detail is None:
        return ()
    question = next((message.text for message in reversed(request.messages) if message.role == "user"), "")
    language = detect_language(question)
    words = len(question.split())
    quote = " ".join(question.split())
    quote = quote if len(quote) <= _MAX_QUOTE else quote[:_MAX_QUOTE].rstrip() + "…"
    reading = language.localise(
        f"**Reading the request**\n\nThe last message has {words} {'word' if words == 1 else 'words'}: "
        f"“{quote}”.",
        f"**요청 읽기**\n\n마지막 메시지는 {words}개의 단어입니다: “{quote}”.",
    )
    if detail == "concise":
        return (reading,)
    return reading, language.localise(
        f"**Preparing the reply**\n\nThe conversation has {_count(len(request.messages), 'message')}"
        f"{_tools(request)}. The reply follows {_form(request)}.",
        f"**답변 준비**\n\n대화에는 메시지 {len(request.messages)}개, 도구 "
        f"{len(request.tools.all_functions)}개가 있습니다. 규칙에 따라 답을 계산합니다.",
    )


def _tools(request: GenerationRequest) -> str:
    functions = request.tools.all_functions
    return f" and {_count(len(functions), 'tool')}" if functions else ""


def _form(request: GenerationRequest) -> str:
    if request.json_schema is not None:
        return f"the schema “{request.json_schema.name}”"
    return "the rules for JSON objects" if request.wants_json else "the rules of the sandbox"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"
