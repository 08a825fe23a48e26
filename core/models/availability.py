"""Which models are on offer today, and how long each will be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.models.catalog import Model, get_model, model_families


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Until when a model runs: "closing" as soon as a date is announced, "closed" from that day on."""

    status: Literal["open", "closing", "closed"]
    shutdown_date: date | None = None
    days_left: int | None = None
    successor: str | None = None

    @property
    def text(self) -> str:
        """What to say of it beside the model's name; empty while it is open."""
        if self.shutdown_date is None:
            return ""
        on = f"{self.shutdown_date.day} {self.shutdown_date:%b %Y}"
        said = f"shut down on {on}" if self.status == "closed" else f"shuts down on {on}, {self._countdown}"
        return f"{said}; try {self.successor}" if self.successor else said

    @property
    def _countdown(self) -> str:
        return "tomorrow" if self.days_left == 1 else f"in {self.days_left} days"


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """A model the user may choose; `live` when the server itself lists it."""

    model: Model
    lifecycle: Lifecycle
    listed: bool


def model_lifecycle(model: Model, today: date, announced: date | None = None) -> Lifecycle:
    """Tell how long *model* will run; the server's own *announced* date goes before the table's."""
    day = announced or model.shutdown
    if day is None:
        return Lifecycle("open")
    left = (day - today).days
    return Lifecycle("closing" if left > 0 else "closed", day, left, model.successor)


def available_models(live: Mapping[str, date | None] | None, today: date) -> list[AvailableModel]:
    """Merge what the server lists (id to shutdown date) with the table; None means it cannot say.

    What runs comes before what is closed, known before unknown, then in the order of the table.
    """
    ids = {model.id: None for model in model_families()} if live is None else live
    found = [_offer(model_id, announced, today, live is not None) for model_id, announced in ids.items()]
    order = {model.id: place for place, model in enumerate(model_families())}
    last = len(order)
    return sorted(
        found,
        key=lambda o: (
            o.lifecycle.status == "closed",
            order.get(o.model.family, last),
            o.model.id != o.model.family,
            o.model.id,
        ),
    )


def _offer(model_id: str, announced: date | None, today: date, live: bool) -> AvailableModel:
    model = get_model(model_id)
    return AvailableModel(model, model_lifecycle(model, today, announced), live)
