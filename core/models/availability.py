"""Which models are available, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.models.catalog import Model, get_model, model_families


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Until when a model runs: deprecated once a shutdown date is announced, shut down from that day on."""

    status: Literal["active", "deprecated", "shut_down"]
    shutdown_date: date | None = None
    days_left: int | None = None
    successor: str | None = None

    @property
    def text(self) -> str:
        """A sentence without its full stop, to show beside the model's name; empty for an active model."""
        if self.shutdown_date is None:
            return ""
        day = f"{self.shutdown_date.day} {self.shutdown_date:%b %Y}"
        if self.status == "shut_down":
            text = f"shut down on {day}"
        else:
            remaining = "tomorrow" if self.days_left == 1 else f"in {self.days_left} days"
            text = f"shuts down on {day}, {remaining}"
        return f"{text}; try {self.successor}" if self.successor else text


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """A model that the user can choose; *listed* if the server itself lists it."""

    model: Model
    lifecycle: Lifecycle
    listed: bool


def model_lifecycle(model: Model, today: date, announced: date | None = None) -> Lifecycle:
    """Return the lifecycle of *model*; a date *announced* by the server overrides that of the catalog."""
    shutdown_date = announced or model.shutdown
    if shutdown_date is None:
        return Lifecycle("active")
    days_left = (shutdown_date - today).days
    status: Literal["deprecated", "shut_down"] = "deprecated" if days_left > 0 else "shut_down"
    return Lifecycle(status, shutdown_date, days_left, model.successor)


def available_models(listed: Mapping[str, date | None] | None, today: date) -> list[AvailableModel]:
    """Return the models that the server lists (id to shutdown date), or those of the catalog for None.

    Models that are shut down come last, unknown ones after known ones, else in the order of the catalog.
    """
    # Of the catalog only the families: their snapshots would make the list several times as long.
    shutdown_dates = dict.fromkeys(model.id for model in model_families()) if listed is None else listed
    available = []
    for model_id, announced in shutdown_dates.items():
        model = get_model(model_id)
        lifecycle = model_lifecycle(model, today, announced)
        available.append(AvailableModel(model, lifecycle, listed is not None))
    order = {model.id: index for index, model in enumerate(model_families())}
    return sorted(
        available,
        key=lambda entry: (
            entry.lifecycle.status == "shut_down",
            order.get(entry.model.family, len(order)),
            entry.model.id != entry.model.family,
            entry.model.id,
        ),
    )
