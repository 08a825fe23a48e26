"""Authorise requests of the live components by the token of a browser session."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from components.session.live_session import LiveSession, live_sessions
from core.errors.types import PlaygroundError

Handler = Callable[[Request, LiveSession], Awaitable[Response]]


class ConversationChanged(PlaygroundError):
    """The browser shows another conversation than the session: a rerun of the page is under way."""


def authorised(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Pass *handler* the session whose token the request carries; without one it is not called."""

    async def endpoint(request: Request) -> Response:
        session = live_sessions.find(request.headers.get("x-live-token", ""))
        if session is None:
            # The page asks for a new token by itself, so this is shown only if it gets none.
            return error_response(
                401,
                "This page is no longer connected to the app.",
                "Reload it to see everything that was saved.",
            )
        try:
            return await handler(request, session)
        except PlaygroundError as error:
            status = 409 if isinstance(error, ConversationChanged) else 400
            return error_response(status, str(error), error.hint)

    return endpoint


def error_response(status: int, title: str, hint: str) -> Response:
    return JSONResponse({"title": title, "hint": hint}, status)
