"""The endpoints of files and batches, in memory, for the tests of what the app does with them."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import ReceivedRequest, StubResponse, http_response

_FILE_PART = re.compile(rb'name="file"; filename="([^"]*)".*?\r\n\r\n(.*?)\r\n--', re.DOTALL)


def not_found(message: str = "No such object") -> StubResponse:
    return http_response({"error": {"message": message, "type": "x", "param": None, "code": None}}, 404)


def batch_object(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return the object of a batch that has just been created."""
    batch = {
        "id": f"batch_{number}",
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "errors": None,
        "input_file_id": "file-1",
        "completion_window": "24h",
        "status": "validating",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": 1_795_000_000 + number,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": {},
    }
    return batch | fields


@dataclass(slots=True)
class BatchServer:
    """Keeps what was uploaded and created.

    *before* may answer a request instead, and *after* may replace the response to a request that was carried
    out; both return None to leave it.
    """

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: Callable[[str], StubResponse | None] = lambda _route: None
    after: Callable[[str], StubResponse | None] = lambda _route: None
    created: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, request: ReceivedRequest) -> StubResponse:
        url = urlsplit(request.path)
        path = url.path.removeprefix("/v1")
        route = f"{request.method} {path}"
        response = self.before(route) or self._respond(route, path.split("/"), url.query, request)
        return self.after(route) or response

    def _respond(self, route: str, parts: list[str], query: str, request: ReceivedRequest) -> StubResponse:
        object_id = parts[2] if len(parts) > 2 else ""
        match route, parts:
            case "POST /files", _:
                return self._upload(request)
            case "POST /batches", _:
                number = len(self.batches) + 1
                self.batches[f"batch_{number}"] = batch_object(number, **request.json())
                self.created.set()
                return http_response(self.batches[f"batch_{number}"])
            case "GET /files", _:
                return http_response(_page([self._file(file_id) for file_id in self.files], query))
            case "GET /batches", _:
                return http_response(_page(list(self.batches.values()), query))
            case _ if object_id in self.files:
                return self._serve_file(request.method, parts)
            case _ if object_id in self.batches:
                if parts[-1] == "cancel":
                    self.batches[object_id]["status"] = "cancelling"
                return http_response(self.batches[object_id])
        return not_found()

    def _serve_file(self, method: str, parts: list[str]) -> StubResponse:
        if method == "DELETE":
            del self.files[parts[2]]
            return http_response({"id": parts[2], "object": "file", "deleted": True})
        return http_response(self.files[parts[2]][1] if parts[-1] == "content" else self._file(parts[2]))

    def _upload(self, request: ReceivedRequest) -> StubResponse:
        match = _FILE_PART.search(request.body)
        assert match
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = match[1].decode(), match[2]
        return http_response(self._file(file_id))

    def _file(self, file_id: str) -> dict[str, Any]:
        name, content = self.files[file_id]
        fields = {"object": "file", "created_at": 1, "purpose": "batch", "status": "processed"}
        return {"id": file_id, "filename": name, "bytes": len(content), **fields}


def _page(objects: list[dict[str, Any]], query: str) -> dict[str, Any]:
    """Return the page that *query* asks for, the newest first."""
    parameters = parse_qs(query)
    limit, after = int(parameters.get("limit", ["20"])[0]), parameters.get("after", [""])[0]
    newest = objects[::-1]
    start = next((number for number, item in enumerate(newest, 1) if item["id"] == after), 0)
    data = newest[start : start + limit]
    return {"object": "list", "data": data, "has_more": start + limit < len(newest)}
