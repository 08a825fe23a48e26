"""`/v1/files`."""

import shutil
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Message

from core.sandbox.api.errors import invalid_request, missing_parameter
from core.sandbox.api.pages import page_of
from core.sandbox.api.parameters import Number, OneOf
from core.sandbox.api.request_body import MAX_UPLOAD_BYTES, request_too_large
from core.sandbox.simulation.request_context import RequestContext

_MAX_FILE_BYTES = 512 * 1024 * 1024
_MAX_BATCH_FILE_BYTES = 200 * 1024 * 1024
_PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")


async def create_file(request: Request) -> Response:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise invalid_request("Expected a multipart/form-data request.", None, "invalid_content_type")
    size = 0

    async def receive() -> Message:
        # A chunked request has no Content-Length that the middleware could have checked.
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > MAX_UPLOAD_BYTES:
            raise request_too_large(MAX_UPLOAD_BYTES)
        return message

    # The parser writes a file of more than a megabyte to a temporary file while it arrives.
    async with Request(request.scope, receive).form(max_files=1, max_fields=10) as form:
        upload, purpose, seconds = _parse_form(form)
        file_id, path = request.app.state.files.new_path()
        await run_in_threadpool(_write, upload.file, path)
        name = (upload.filename or "").replace("\\", "/").rpartition("/")[2][:255] or "file"
        body = request.app.state.files.add(file_id, _owner(request), name, purpose, seconds)
    return JSONResponse(body)


async def list_files(request: Request) -> Response:
    files = request.app.state.files.list(_owner(request))
    if purpose := request.query_params.get("purpose"):
        files = [file for file in files if file["purpose"] == purpose]
    return JSONResponse(page_of(request.query_params, files, "desc", 10_000, 10_000))


async def retrieve_file(request: Request) -> Response:
    return JSONResponse(request.app.state.files.get(_owner(request), request.path_params["file_id"]))


async def retrieve_content(request: Request) -> Response:
    path = request.app.state.files.content(_owner(request), request.path_params["file_id"])
    return FileResponse(path, media_type="application/octet-stream")


async def delete_file(request: Request) -> Response:
    file_id = request.app.state.files.get(_owner(request), request.path_params["file_id"])["id"]
    await run_in_threadpool(request.app.state.files.delete, _owner(request), file_id)
    return JSONResponse({"object": "file", "id": file_id, "deleted": True})


def _parse_form(form: FormData) -> tuple[UploadFile, str, int | None]:
    upload, purpose = form.get("file"), form.get("purpose")
    if not isinstance(upload, UploadFile):
        raise missing_parameter("file")
    if purpose is None:
        raise missing_parameter("purpose")
    OneOf(_PURPOSES)("purpose", purpose)
    is_batch = purpose == "batch"
    if is_batch and not (upload.filename or "").lower().endswith(".jsonl"):
        raise invalid_request("Invalid file format for Batch API. Must be .jsonl", "file")
    limit = _MAX_BATCH_FILE_BYTES if is_batch else _MAX_FILE_BYTES
    if (upload.size or 0) > limit:
        raise request_too_large(limit)
    anchor, seconds = form.get("expires_after[anchor]"), form.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return upload, str(purpose), None
    OneOf(("created_at",))("expires_after[anchor]", anchor)
    is_number = isinstance(seconds, str) and seconds.isdecimal()
    number = int(str(seconds)[:9]) if is_number else seconds
    Number(3_600, 2_592_000, integer=True)("expires_after[seconds]", number)
    return upload, str(purpose), int(str(number))


def _write(source: BinaryIO, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)


def _owner(request: Request) -> str:
    context: RequestContext = request.scope["context"]
    return context.data_owner
