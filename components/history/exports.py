"""The address at which a browser downloads the runs of the list, however many they are.

Streamlit would hold a download in memory.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from components.session import session
from core.history.filter import HistoryFilter

_MAX_EXPORTS = 1_000

# What each session exports, by an id that is not guessable.
_exports: OrderedDict[str, HistoryFilter] = OrderedDict()


@dataclass(frozen=True, slots=True, eq=False)
class _SessionExport:
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32))


def export_address(chosen: HistoryFilter) -> str:
    """Return the URL of the runs that meet the conditions, relative to the page."""
    export_id = session.session_object(_SessionExport).id
    _exports[export_id] = chosen
    _exports.move_to_end(export_id)
    while len(_exports) > _MAX_EXPORTS:
        _exports.popitem(last=False)
    return f"live/history/{export_id}"


def find_export(export_id: str) -> HistoryFilter | None:
    """Return the conditions of an export; None if the page must be reloaded."""
    return _exports.get(export_id)
