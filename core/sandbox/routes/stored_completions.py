"""`/v1/chat/completions` for stored completions: list, retrieve, update, delete, and their messages."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api.errors import ApiError, missing_parameter, unknown_parameter
from core.sandbox.api.pages import page_of
from core.sandbox.api.parameters import validate_metadata, validate_object
from core.sandbox.api.request_body import read_json
from core.sandbox.completions.stored import StoredCompletion

_PAGE_PARAMETERS = ("after", "limit", "order")
_METADATA_FILTER = re.compile(r"metadata\[(.{1,64})\]")


async def list_completions(request: Request) -> JSONResponse:
    filters = {name: value for name, value in request.query_params.items() if name not in _PAGE_PARAMETERS}
    metadata = {}
    for name, value in filters.items():
        match = _METADATA_FILTER.fullmatch(name)
        if match is None and name != "model":
            raise unknown_parameter(name)
        if match is not None:
            metadata[match[1]] = value

    def matches(stored: StoredCompletion) -> bool:
        has_model = filters.get("model") in (None, stored.body["model"])
        return has_model and metadata.items() <= stored.body["metadata"].items()

    completions = request.app.state.stored_completions.list(request.scope["context"].data_owner, matches)
    return JSONResponse(page_of(request.query_params, [stored.body for stored in completions]))


async def retrieve_completion(request: Request) -> JSONResponse:
    return JSONResponse(_stored(request).body)


async def update_completion(request: Request) -> JSONResponse:
    stored = _stored(request)
    params = validate_object("body", await read_json(request))
    unknown = next((name for name in params if name != "metadata"), None)
    if unknown is not None:
        raise unknown_parameter(unknown)
    if "metadata" not in params:
        raise missing_parameter("metadata")
    metadata = params["metadata"] or {}
    validate_metadata("metadata", metadata)
    return JSONResponse(request.app.state.stored_completions.update(stored, metadata).body)


async def delete_completion(request: Request) -> JSONResponse:
    stored = _stored(request)
    request.app.state.stored_completions.delete(stored)
    return JSONResponse({"object": "chat.completion.deleted", "id": stored.id, "deleted": True})


async def list_messages(request: Request) -> JSONResponse:
    stored = _stored(request)
    unknown = next((name for name in request.query_params if name not in _PAGE_PARAMETERS), None)
    if unknown is not None:
        raise unknown_parameter(unknown)
    return JSONResponse(page_of(request.query_params, stored.messages))


def _stored(request: Request) -> StoredCompletion:
    completion_id = request.path_params["completion_id"]
    stored: StoredCompletion | None = request.app.state.stored_completions.get(
        request.scope["context"].data_owner, completion_id
    )
    if stored is None:
        raise _not_found("Chat completion", completion_id)
    return stored


def _not_found(name: str, object_id: str) -> ApiError:
    return ApiError(404, f"{name} with id '{object_id[:100]}' not found.", code="not_found")
