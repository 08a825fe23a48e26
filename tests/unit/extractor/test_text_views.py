"""A schema that is typed as JSON or as code replaces the present one, with a name of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extractor.pydantic_code.names import is_class_name
from core.extractor.schemas.presets import presets
from core.extractor.schemas.text_views import document_of_code, document_of_json
from core.json_schema.schema import SchemaDocument
from core.json_schema.strict import check

NEWS = presets()["news"].document
EMPTY = {"type": "object", "properties": {}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Invoice", "Invoice"),
        ("HTTPLog", "HTTPLog"),
        ("job offer", "JobOffer"),
        ("schema.v2 (draft)", "SchemaV2Draft"),
        ("2024 report", "Model2024Report"),
        ("BaseModel", "ModelBaseModel"),
        ("A" * 100, "A" * 64),
        ("", "NewsItem"),
        ("청구서", "NewsItem"),
    ],
)
def test_names_a_pasted_schema_by_its_title(title: str, name: str) -> None:
    assert document_of_json(json.dumps({"title": title, **EMPTY}), NEWS).name == name


@given(st.text(max_size=80))
def test_gives_any_title_a_name_that_the_api_and_python_accept(title: str) -> None:
    document = document_of_json(json.dumps({"title": title, **EMPTY}), NEWS)

    assert is_class_name(document.name)
    assert not check(document)


def test_leaves_the_name_that_was_edited_beside_the_same_title() -> None:
    present = SchemaDocument("Renamed", {"title": "Invoice", **EMPTY})
    edited = {**present.schema, "description": "One per order"}

    assert document_of_json(json.dumps(edited), present) == SchemaDocument("Renamed", edited)


def test_reads_code_in_the_style_of_the_present_schema() -> None:
    code = "from pydantic import BaseModel\n\n\nclass City(BaseModel):\n    name: str\n"
    titled = SchemaDocument("Old", {"title": "Old", **EMPTY})

    assert "title" not in document_of_code(code, NEWS).schema
    assert document_of_code(code, titled).schema["title"] == "City"


def test_reads_a_model_that_contains_itself_with_definitions() -> None:
    code = 'from pydantic import BaseModel\n\n\nclass Node(BaseModel):\n    children: list["Node"]\n'

    assert "Node" in document_of_code(code, NEWS).schema["$defs"]
