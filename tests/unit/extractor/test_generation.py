"""A generated schema is one that strict mode accepts, or the reply is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.pydantic_code.writer import write_models
from core.extractor.schemas.fields import FIELD_TYPES
from core.extractor.schemas.generation import FIELD_LIST, generated_document, generation_params
from core.json_schema.strict import check


def field(path: str, **more: Any) -> dict[str, Any]:
    plain = {"type": "string", "list": False, "nullable": False, "values": [], "description": ""}
    return {"field": path, **plain, **more}


def test_requests_a_list_of_fields_that_strict_mode_accepts() -> None:
    params = generation_params("An order with its lines", ChatSettings(model="gpt-4o-mini"))

    assert check(FIELD_LIST) == []
    assert params["messages"][-1]["content"] == "An order with its lines"
    assert params["response_format"]["json_schema"]["strict"] is True


def test_builds_the_schema_of_the_fields() -> None:
    fields = [
        field("state", values=["open", "paid"], nullable=True),
        field("lines", type="object", list=True),
        field("lines[].price", type="number", description="In euros", values=["1"]),
    ]

    document = generated_document({"name": "My order!", "fields": fields})

    assert check(document) == []
    code = write_models(document)
    assert "class Myorder(BaseModel):" in code
    assert 'state: Literal["open", "paid"] | None' in code
    assert 'price: float = Field(description="In euros")' in code


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"name": "A", "fields": []},
        {"name": "A", "fields": [{"field": "a"}]},
        {"name": "A", "fields": [field("a"), field("a")]},
        {"name": "A", "fields": [field("")]},
        {"name": "A", "fields": [field("a.b")]},
    ],
)
def test_refuses_a_reply_that_describes_no_schema(value: Any) -> None:
    with pytest.raises(PlaygroundError):
        generated_document(value)


PATHS = st.from_regex(r"[a-c](\[\])?(\.[a-c])?", fullmatch=True)


@given(st.lists(st.builds(field, PATHS, type=st.sampled_from(FIELD_TYPES), list=st.booleans()), max_size=5))
def test_builds_a_strict_schema_or_refuses(fields: list[dict[str, Any]]) -> None:
    try:
        document = generated_document({"name": "A", "fields": fields})
    except PlaygroundError:
        return
    assert check(document) == []
