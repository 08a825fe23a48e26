"""The sandbox as an ASGI application: its routes, middleware and error handlers."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from core.sandbox.api.errors import ApiError
from core.sandbox.api.models import load_models
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.api.request_body import drain
from core.sandbox.batches.options import INSTANT, BatchOptions
from core.sandbox.batches.runner import BatchRunner
from core.sandbox.batches.store import BatchStore
from core.sandbox.completions.stored import CompletionStore
from core.sandbox.files.database import SandboxDatabase
from core.sandbox.files.store import FileStore
from core.sandbox.responses.store import ResponseStore
from core.sandbox.routes import batches, files, responses, stored_completions
from core.sandbox.routes import models as model_routes
from core.sandbox.routes import sandbox as sandbox_routes
from core.sandbox.routes.chat import create_chat_completion
from core.sandbox.routes.embeddings import create_embeddings
from core.sandbox.simulation.access import AccessKeys
from core.sandbox.simulation.middleware import SandboxMiddleware
from core.sandbox.simulation.rate_limits import RateLimiter
from core.sandbox.simulation.request_log import RequestLog
from core.sandbox.simulation.settings import SandboxSettings

ROUTES = (
    ("GET", "/v1/models", model_routes.list_models),
    ("GET", "/v1/models/{model:path}", model_routes.retrieve_model),
    ("POST", "/v1/chat/completions", create_chat_completion),
    ("GET", "/v1/chat/completions", stored_completions.list_completions),
    ("GET", "/v1/chat/completions/{completion_id}", stored_completions.retrieve_completion),
    ("POST", "/v1/chat/completions/{completion_id}", stored_completions.update_completion),
    ("DELETE", "/v1/chat/completions/{completion_id}", stored_completions.delete_completion),
    ("GET", "/v1/chat/completions/{completion_id}/messages", stored_completions.list_messages),
    ("POST", "/v1/embeddings", create_embeddings),
    ("POST", "/v1/responses", responses.create_response),
    ("POST", "/v1/responses/input_tokens", responses.count_input_tokens),
    ("POST", "/v1/responses/compact", responses.compact_response),
    ("GET", "/v1/responses/{response_id}", responses.retrieve_response),
    ("DELETE", "/v1/responses/{response_id}", responses.delete_response),
    ("POST", "/v1/responses/{response_id}/cancel", responses.cancel_response),
    ("GET", "/v1/responses/{response_id}/input_items", responses.list_input_items),
    ("POST", "/v1/files", files.create_file),
    ("GET", "/v1/files", files.list_files),
    ("GET", "/v1/files/{file_id}", files.retrieve_file),
    ("GET", "/v1/files/{file_id}/content", files.retrieve_content),
    ("DELETE", "/v1/files/{file_id}", files.delete_file),
    ("POST", "/v1/batches", batches.create_batch),
    ("GET", "/v1/batches", batches.list_batches),
    ("GET", "/v1/batches/{batch_id}", batches.retrieve_batch),
    ("POST", "/v1/batches/{batch_id}/cancel", batches.cancel_batch),
    ("GET", "/sandbox/settings", sandbox_routes.get_settings),
    ("PUT", "/sandbox/settings", sandbox_routes.update_settings),
    ("GET", "/sandbox/faults", sandbox_routes.list_faults),
    ("GET", "/sandbox/latency-presets", sandbox_routes.list_latency_presets),
    ("GET", "/sandbox/requests", sandbox_routes.list_requests),
    ("DELETE", "/sandbox/requests", sandbox_routes.clear_requests),
)


def create_app(
    keys: AccessKeys,
    settings: SandboxSettings | None = None,
    directory: Path | None = None,
    batch_options: BatchOptions | None = None,
) -> Starlette:
    """Create a sandbox with state of its own that accepts *keys*, with files and batches in *directory*.

    The batches run after `state.batch_runner.start()`.
    """
    settings, request_log = settings or SandboxSettings(), RequestLog()
    middleware = Middleware(SandboxMiddleware, keys=keys, settings=settings, request_log=request_log)
    app = Starlette(
        routes=[Route(path, handler, methods=[method]) for method, path, handler in ROUTES],
        middleware=[middleware],
        exception_handlers={
            ApiError: handle_api_error,
            HTTPException: handle_http_exception,
            ClientDisconnect: handle_disconnect,
            Exception: handle_exception,
        },
    )
    app.state.settings = settings
    app.state.request_log = request_log
    app.state.rate_limiter = RateLimiter()
    app.state.prompt_cache = PromptCache()
    app.state.stored_completions = CompletionStore()
    app.state.responses = ResponseStore()
    app.state.models = load_models()
    app.state.database = SandboxDatabase(directory)
    app.state.files = FileStore(app.state.database)
    app.state.batches = BatchStore(app.state.database)
    app.state.batch_options = batch_options or BatchOptions(INSTANT)
    app.state.batch_runner = BatchRunner(
        app.state.batches, app.state.files, app.state.models, app.state.prompt_cache
    )
    return app


def handle_api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.to_response()


async def handle_http_exception(request: Request, error: Exception) -> Response:
    """Return Starlette's errors for unknown paths and methods in the format of the API."""
    assert isinstance(error, HTTPException)
    await drain(request.receive)
    target = f"{request.method} {request.url.path[:100]}"
    message = f"Not allowed to {target}." if error.status_code == 405 else f"Invalid URL ({target})"
    return ApiError(error.status_code, message, headers=dict(error.headers or {})).to_response()


def handle_disconnect(_request: Request, _error: Exception) -> Response:
    """Return a response that is not sent: the client has closed the connection during its upload."""
    return Response(status_code=400)


def handle_exception(_request: Request, _error: Exception) -> Response:
    message = "The sandbox had an error. This is a bug in the sandbox, not in your code."
    return ApiError(500, message, error_type="server_error").to_response()
