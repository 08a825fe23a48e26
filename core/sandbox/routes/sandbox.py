"""`/sandbox/...`: what the API does not have, to steer and to watch the sandbox."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api.parameters import an_object
from core.sandbox.api.request_body import read_json
from core.sandbox.simulation import faults, latency


async def show_controls(request: Request) -> JSONResponse:
    return JSONResponse(request.app.state.controls.show())


async def change_controls(request: Request) -> JSONResponse:
    values = an_object("body", await read_json(request))
    request.app.state.controls.change(values)
    return JSONResponse(request.app.state.controls.show())


async def list_faults(_request: Request) -> JSONResponse:
    """List what can be asked for, `place` telling where it strikes: status, page or body."""
    kinds = [asdict(kind) for kind in faults.KINDS.values()]
    return JSONResponse({"object": "list", "data": kinds})


async def list_paces(_request: Request) -> JSONResponse:
    presets = [{"name": name, **asdict(preset)} for name, preset in latency.PRESETS.items()]
    return JSONResponse({"object": "list", "data": presets})


async def show_journal(request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": request.app.state.journal.show()})


async def clear_journal(request: Request) -> JSONResponse:
    request.app.state.journal.clear()
    return JSONResponse({"object": "list", "data": []})
