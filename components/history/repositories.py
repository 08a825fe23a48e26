"""What the History page reads."""

from components.runtime import resources
from components.session import session
from core.history.dashboard import Dashboard, Dimension, read_dashboard
from core.history.filter import HistoryFilter
from core.history.repository import HistoryRepository

# Seconds in which runs that have just ended enter the list before it is drawn.
_CATCH_UP = 0.15


def history_repository() -> HistoryRepository:
    return HistoryRepository(resources.store(), session.OWNER)


def dashboard_of(chosen: HistoryFilter, dimension: Dimension) -> Dashboard:
    return read_dashboard(resources.store(), session.OWNER, chosen, dimension)


def index_new_runs() -> int:
    """Index the runs that have just ended, and return how many older ones are still to be indexed."""
    return resources.history_indexer().catch_up(_CATCH_UP)
