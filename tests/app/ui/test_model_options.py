"""The list of models has what decides the choice of one."""

from datetime import UTC, date, datetime

from components.ui.models.model_options import model_options, models_of_kind, models_of_server
from core.client.profile import Profile

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def options(**listed: date | None) -> dict[str, dict[str, object]]:
    models = models_of_kind({name.replace("_", "-"): day for name, day in listed.items()}, "chat", TODAY)
    return {str(option["id"]): option for option in model_options(models.values(), NOW)}


def test_shows_price_context_and_capabilities() -> None:
    assert options(gpt_6_luna=None)["gpt-6-luna"] == {
        "id": "gpt-6-luna",
        "title": "GPT-6 Luna",
        "input": "$0.10",
        "output": "$0.50",
        "context": "1.05M",
        "marks": ["vision", "tools", "reasoning"],
        "status": "active",
        "note": "",
    }


def test_names_the_end_of_a_model_and_its_successor() -> None:
    shown = options(gpt_6_luna=date(2026, 12, 1))["gpt-6-luna"]

    assert shown["status"] == "deprecated"
    assert str(shown["note"]).startswith("Shuts down on 1 Dec 2026, in 4 days")


def test_says_that_a_model_is_unknown() -> None:
    shown = options(my_model=None)["my-model"]

    assert (shown["input"], shown["context"], shown["note"]) == ("", "", "Not in the catalog")


def test_shows_price_dimensions_and_the_longest_input_of_an_embedding_model() -> None:
    listed = {"text-embedding-3-small": None, "text-embedding-ada-002": date(2027, 1, 1)}
    small, ada = model_options(models_of_kind(listed, "embedding", TODAY).values(), NOW)

    assert small == {
        "id": "text-embedding-3-small",
        "title": "Embedding 3 small",
        "input": "$0.02",
        "dimensions": "1,536",
        "maxInput": "8,192",
        "marks": ["fewerDimensions"],
        "status": "active",
        "note": "",
    }
    assert (ada["marks"], ada["status"]) == ([], "deprecated")
    assert ada["note"] == "Shuts down on 1 Jan 2027, in 35 days; try text-embedding-3-small"


def test_offers_no_models_of_the_catalog_on_another_server_that_lists_none() -> None:
    custom = Profile(id="own", name="Own", kind="custom", base_url="http://localhost:1/v1")

    assert models_of_server(custom, {}, "embedding", TODAY) == {}
    assert list(models_of_server(custom, {"bge-m3": None}, "embedding", TODAY)) == ["bge-m3"]


def test_lists_only_models_of_the_kind() -> None:
    listed = {"gpt-4o": None, "text-embedding-3-small": None}

    assert list(models_of_kind(listed, "embedding", TODAY)) == ["text-embedding-3-small"]
