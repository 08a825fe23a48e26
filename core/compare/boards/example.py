"""The board that a new one starts as: messages in two languages, with what a reply must contain."""

from collections.abc import Sequence

from core.compare.boards.board import Board, Case
from core.compare.boards.checks import Contains
from core.compare.quick.start import other_model
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.models.selection import default_model_id
from core.prompts.prompts import PromptMessage

_CASES = (
    (
        "My order arrived broken. Please write to dana.lee@example.com or call 555-0172.",
        "dana.lee@example.com",
    ),
    ("I moved to 12 Elm Street. Confirm to sam@example.org, thanks.", "sam@example.org"),
    ("안녕하세요, 김민지입니다. 환불은 minji.kim@example.co.kr 로 알려 주세요.", "minji.kim@example.co.kr"),
    ("배송이 늦어요. 12월 3일까지 받고 싶습니다. 답장은 jun@example.kr 로 부탁드려요.", "jun@example.kr"),
)
_PROMPT = "Extract the email address from this message:\n\n{{message}}"
_SCHEMA = {
    "type": "object",
    "properties": {"email": {"type": "string"}},
    "required": ["email"],
    "additionalProperties": False,
}


def example_board(profile_id: str, models: Sequence[str]) -> Board:
    """Compare a model of *models* with another one, if there is one, that replies in JSON."""
    text, other = example_variants(profile_id, models, _PROMPT)
    schema = {"name": "reply", "strict": True, "schema": _SCHEMA}
    json_reply = other.model_copy(
        update={
            "name": f"{other.model}, JSON schema"[:100],
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
    )
    cases = (Case(variables={"message": message}, expected=expected) for message, expected in _CASES)
    return Board(
        name="Extract email addresses",
        variants=(text, json_reply),
        cases=tuple(cases),
        checks=(Contains(),),
    )


def example_variants(profile_id: str, models: Sequence[str], prompt: str) -> tuple[Variant, Variant]:
    """Return variants of a model of *models* and of another one, if there is one, that send *prompt*."""
    first = default_model_id("chat", models) or next(iter(models), "")
    other = other_model(first, models) or first
    messages = (PromptMessage(role="user", content=prompt),)
    one, two = (
        Variant(profile_id=profile_id, settings=ChatSettings(model=model), messages=messages)
        for model in (first, other)
    )
    return one, two
