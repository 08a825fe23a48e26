"""`/v1/batches`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.sandbox.api import parameters
from core.sandbox.api.errors import unsupported_in_sandbox
from core.sandbox.api.pages import page_of
from core.sandbox.api.parameters import Number, Object, OneOf, String
from core.sandbox.api.request_body import read_json
from core.sandbox.simulation.request_context import RequestContext

_ENDPOINTS = (
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
)
_SUPPORTED_ENDPOINTS = ("/v1/responses", "/v1/chat/completions", "/v1/embeddings")
_OUTPUT_EXPIRY: dict[str, parameters.Validator] = {
    "anchor": OneOf(("created_at",)),
    "seconds": Number(3_600, 2_592_000, integer=True),
}
_PARAMETERS: dict[str, parameters.Validator] = {
    "input_file_id": String(512),
    "endpoint": OneOf(_ENDPOINTS),
    "completion_window": OneOf(("24h",)),
    "metadata": parameters.validate_metadata,
    "output_expires_after": Object(_OUTPUT_EXPIRY),
}


async def create_batch(request: Request) -> Response:
    body = parameters.validate_object("body", await read_json(request))
    required = ("input_file_id", "endpoint", "completion_window")
    params = parameters.validate(body, _PARAMETERS, required)
    if params["endpoint"] not in _SUPPORTED_ENDPOINTS:
        raise unsupported_in_sandbox("endpoint", f"batches of {params['endpoint']}")
    state = request.app.state
    context: RequestContext = request.scope["context"]
    options = state.batch_options.with_headers(state.settings.batch_headers(context.client))
    options = options.with_headers(request.headers)
    batch = state.batches.add(_owner(request), params, options)
    state.batch_runner.wake()
    return JSONResponse(batch)


async def list_batches(request: Request) -> Response:
    batches = request.app.state.batches.list(_owner(request))
    return JSONResponse(page_of(request.query_params, batches, "desc"))


async def retrieve_batch(request: Request) -> Response:
    return JSONResponse(request.app.state.batches.get(_owner(request), request.path_params["batch_id"]))


async def cancel_batch(request: Request) -> Response:
    batch = request.app.state.batches.cancel(_owner(request), request.path_params["batch_id"])
    request.app.state.batch_runner.wake()
    return JSONResponse(batch)


def _owner(request: Request) -> str:
    context: RequestContext = request.scope["context"]
    return context.data_owner
