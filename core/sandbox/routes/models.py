"""`/v1/models`."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api.model_rules import model_not_found


async def list_models(request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": request.app.state.models.list_models()})


async def retrieve_model(request: Request) -> JSONResponse:
    model = request.path_params["model"]
    try:
        return JSONResponse(request.app.state.models.model_object(model))
    except KeyError:
        raise model_not_found(model) from None
