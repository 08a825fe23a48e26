"""A run that History opens here: its lab, and the failure that it shows."""

from components.resilience.errors_session import errors_session
from components.resilience.session import LAB_KEY
from components.session import session
from components.session.opened_run import take_opened_run
from core.resilience.failures.scenarios import SCENARIOS


def open_run_in_url() -> None:
    """Open the lab of the run in the URL. Call it before the labs are drawn."""
    run = take_opened_run("resilience")
    if run is None:
        return
    # The notes of the Errors lab begin with the failure; those of the Async lab are the strategy.
    scenario = next((each for each in SCENARIOS if run.note.startswith(f"{each.label}, ")), None)
    if scenario:
        errors_session().scenario_id = scenario.id
        session.set_widget_value(LAB_KEY, "Errors")
    else:
        session.set_widget_value(LAB_KEY, "Async" if run.note or run.parent_id else "Caching")
