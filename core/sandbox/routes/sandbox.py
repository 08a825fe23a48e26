"""`/sandbox/...`: settings, faults and the request log. The API itself has none of these routes."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api.parameters import validate_object
from core.sandbox.api.request_body import read_json
from core.sandbox.simulation.faults import FAULT_TYPES
from core.sandbox.simulation.latency import PRESETS
from core.sandbox.simulation.request_context import request_key


async def get_settings(request: Request) -> JSONResponse:
    return JSONResponse(request.app.state.settings.to_dict(request_key(request.headers)))


async def update_settings(request: Request) -> JSONResponse:
    values = validate_object("body", await read_json(request))
    client = request_key(request.headers)
    request.app.state.settings.update(values, client)
    return JSONResponse(request.app.state.settings.to_dict(client))


async def list_faults(_request: Request) -> JSONResponse:
    """List the faults that can be requested. `place` is what they replace: status, page or body."""
    fault_types = [asdict(fault_type) for fault_type in FAULT_TYPES.values()]
    return JSONResponse({"object": "list", "data": fault_types})


async def list_latency_presets(_request: Request) -> JSONResponse:
    presets = [{"name": name, **asdict(preset)} for name, preset in PRESETS.items()]
    return JSONResponse({"object": "list", "data": presets})


async def list_requests(request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": request.app.state.request_log.to_list()})


async def clear_requests(request: Request) -> JSONResponse:
    request.app.state.request_log.clear()
    return JSONResponse({"object": "list", "data": []})
