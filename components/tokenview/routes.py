"""The HTTP routes of the token view: count what is typed, and hand out the tokens that are on show."""

import asyncio
from typing import Any, cast, get_args

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from components.live.routes import authorised
from components.session.live_session import LiveSession
from components.tokenview.views import analysis_view
from core.errors.types import PlaygroundError
from core.tokens.analysis import InputKind

MAX_TYPED_BYTES = 1_000_000


def token_routes() -> list[BaseRoute]:
    """All of them need the token of an open desk."""
    return [
        Route("/{kind}", authorised(_show)),
        Route("/{kind}", authorised(_write), methods=["POST"]),
    ]


async def _show(request: Request, desk: LiveSession) -> Response:
    """The window at `at`; with `text`, also what is typed so far."""
    kind = _kind(request)
    view = await asyncio.to_thread(_view, desk, kind, _place(request))
    typed = desk.token_session.texts[kind] if "text" in request.query_params and kind != "file" else None
    return _json({**view, "text": typed})


async def _write(request: Request, desk: LiveSession) -> Response:
    """Takes the text as it is, so that what no JSON could hold needs no escaping."""
    kind = _kind(request)
    try:
        text = await _text(request)
    except ClientDisconnect:
        return Response(status_code=204)  # the person has typed on, and nobody reads this
    desk.token_session.set_text(kind, text)
    return _json(await asyncio.to_thread(_view, desk, kind, _place(request)))


async def _text(request: Request) -> str:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_TYPED_BYTES:
            raise PlaygroundError(
                f"This is more than {MAX_TYPED_BYTES // 1_000_000} MB to count at every key.",
                "Upload it as a file, up to 10 MB.",
            )
    return body.decode(errors="replace")


def _view(desk: LiveSession, kind: InputKind, at: int) -> dict[str, Any]:
    return analysis_view(desk.token_session.analysis(kind), at)


def _kind(request: Request) -> InputKind:
    kind = request.path_params["kind"]
    if kind not in get_args(InputKind):
        raise PlaygroundError("There is no such thing to count.", "Reload the page.")
    return cast(InputKind, kind)


def _place(request: Request) -> int:
    at = request.query_params.get("at", "0")
    return int(at[:12]) if at.isdecimal() else 0


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
