"""`/v1/models`."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api.model_rules import no_model


async def list_models(request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": request.app.state.catalogue.listing()})


async def retrieve_model(request: Request) -> JSONResponse:
    model = request.path_params["model"]
    try:
        return JSONResponse(request.app.state.catalogue.entry(model))
    except KeyError:
        raise no_model(model) from None
