"""A response that the server stores, and the request that continues it."""

from typing import TYPE_CHECKING, Any

from core.responses.call import ResponseCall
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.client.profile import Profile

NOT_STORED = "The server has not stored the previous reply, so the whole conversation was sent."


def stored_response_id(run: Run | None, profile: "Profile") -> str | None:
    """Return the id of the response of *run*; None if the server of *profile* cannot have stored it.

    One that was stopped is not stored, and a failed one lacks the reply on screen.
    """
    if run is None or run.endpoint != ResponseCall.endpoint or run.state is not RunState.DONE:
        return None
    if run.base_url != profile.base_url or run.params.get("store") is False:
        return None
    response_id = (run.response or {}).get("id")
    return response_id if isinstance(response_id, str) else None


def continued_params(params: dict[str, Any], response_id: str) -> dict[str, Any]:
    """Return *params*, the request with what is new, as one that continues the response *response_id*."""
    return {"model": params["model"], "previous_response_id": response_id, **params}
