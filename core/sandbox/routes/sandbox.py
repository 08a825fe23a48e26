"""`/sandbox/...`: settings, faults and the request log. The API itself has none of these routes.

With the sandbox's own key, the settings are the default of all clients, and the log has the requests of all.
"""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api.parameters import validate_object
from core.sandbox.api.request_body import read_json
from core.sandbox.simulation.faults import FAULT_TYPES
from core.sandbox.simulation.latency import PRESETS
from core.sandbox.simulation.request_context import RequestContext


async def get_settings(request: Request) -> JSONResponse:
    return JSONResponse(request.app.state.settings.to_dict(_client(request)))


async def update_settings(request: Request) -> JSONResponse:
    values = validate_object("body", await read_json(request))
    request.app.state.settings.update(values, _client(request))
    return await get_settings(request)


async def list_faults(_request: Request) -> JSONResponse:
    """List the faults that can be requested. `place` is what they replace: status, page or body."""
    fault_types = [asdict(fault_type) for fault_type in FAULT_TYPES.values()]
    return JSONResponse({"object": "list", "data": fault_types})


async def list_latency_presets(_request: Request) -> JSONResponse:
    presets = [{"name": name, **asdict(preset)} for name, preset in PRESETS.items()]
    return JSONResponse({"object": "list", "data": presets})


async def list_requests(request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": request.app.state.request_log.to_list(_client(request))})


async def clear_requests(request: Request) -> JSONResponse:
    request.app.state.request_log.clear(_client(request))
    return JSONResponse({"object": "list", "data": []})


def _client(request: Request) -> str:
    context: RequestContext = request.scope["context"]
    return context.client
