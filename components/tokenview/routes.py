"""The HTTP routes of the token view: count the text while it is typed, and return a page of tokens."""

import asyncio
from typing import Any, cast, get_args

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from components.session.authorization import authorised
from components.session.live_session import LiveSession
from components.session.token_session import AnalysisError
from components.tokenview.views import analysis_view
from core.errors.types import PlaygroundError
from core.token_analysis.analysis import InputKind

MAX_TYPED_BYTES = 1_000_000
_TOO_LARGE = PlaygroundError(
    f"The text is larger than {MAX_TYPED_BYTES // 1_000_000} MB, the limit while typing.",
    "Upload it as a file of up to 10 MB.",
)


def token_routes() -> list[BaseRoute]:
    """Return the routes; each needs the token of an open session."""
    return [
        Route("/{kind}", authorised(_get_view)),
        Route("/{kind}", authorised(_post_text), methods=["POST"]),
    ]


async def _get_view(request: Request, session: LiveSession) -> Response:
    """Return the tokens at `at`; with `text`, also the current text."""
    kind = _kind(request)
    view = await asyncio.to_thread(_view, session, kind, _index(request))
    with_text = "text" in request.query_params and kind != "file"
    return _json({**view, "text": session.token_session.texts[kind] if with_text else None})


async def _post_text(request: Request, session: LiveSession) -> Response:
    """Store the text and return its tokens. The body is plain text, which needs no escaping."""
    kind = _kind(request)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_TYPED_BYTES:
                # The page must not go on to show the panels of the text before it.
                session.token_session.reject_text(kind, AnalysisError(str(_TOO_LARGE), _TOO_LARGE.hint))
                raise _TOO_LARGE
    except ClientDisconnect:
        return Response(status_code=204)  # the view cancelled this request, because more was typed
    session.token_session.set_text(kind, body.decode(errors="replace"))
    return _json(await asyncio.to_thread(_view, session, kind, _index(request)))


def _view(session: LiveSession, kind: InputKind, index: int) -> dict[str, Any]:
    return analysis_view(session.token_session.analysis(kind), index)


def _kind(request: Request) -> InputKind:
    kind = request.path_params["kind"]
    if kind not in get_args(InputKind):
        raise PlaygroundError("Unknown kind of input.", "Reload the page.")
    return cast(InputKind, kind)


def _index(request: Request) -> int:
    index = request.query_params.get("at", "0")
    return int(index[:12]) if index.isdecimal() else 0


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
