"""Models are available as the server or the catalog lists them, each with its lifecycle."""

from datetime import date

import pytest

from core.models.availability import available_models, model_lifecycle
from core.models.catalog import get_model, model_families

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("model_id", "text"),
    [
        pytest.param("gpt-6-luna", "", id="active"),
        pytest.param("gpt-4o", "shuts down on 14 Jan 2027, in 53 days; try gpt-6-sol", id="deprecated"),
        pytest.param("o3-mini", "shut down on 23 Oct 2026; try gpt-6-luna", id="shut down"),
        pytest.param("chatgpt-4o-latest", "shut down on 17 Feb 2026", id="shut down, without a successor"),
    ],
)
def test_describes_the_lifecycle(model_id: str, text: str) -> None:
    assert model_lifecycle(get_model(model_id), TODAY).text == text


def test_prefers_the_shutdown_date_of_the_server() -> None:
    assert model_lifecycle(get_model("gpt-4o"), TODAY, date(2026, 11, 23)).text.startswith(
        "shuts down on 23 Nov 2026, tomorrow"
    )


def test_counts_the_shutdown_date_as_shut_down() -> None:
    assert model_lifecycle(get_model("gpt-4o"), date(2027, 1, 14)).status == "shut_down"


def test_returns_only_models_that_the_server_lists() -> None:
    listed = {"llama3.2": None, "o1": None, "gpt-6-luna": None, "gpt-9": date(2026, 1, 1)}

    assert [entry.model.id for entry in available_models(listed, TODAY)] == [
        "gpt-6-luna",
        "llama3.2",
        "o1",
        "gpt-9",
    ]


def test_returns_the_catalog_when_the_server_lists_no_models() -> None:
    entries = available_models(None, TODAY)

    assert {entry.model.id for entry in entries} == {model.id for model in model_families()}
    assert not any(entry.listed for entry in entries)
