"""HTTP connections of the sandbox: speed, limits and invalid requests, with each parser and event loop."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

import httpx2
import pytest

from core.sandbox import protocol, server
from core.sandbox.server import SandboxServer
from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES
from tests.servers import sends_at_once

JSON = "Content-Type: application/json\r\n"


@pytest.fixture(params=["asyncio", "uvloop"], scope="module")
def http_server(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    """A server with the parser and the event loop in Python, then with those in C."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "uvloop":
            pytest.importorskip("uvloop")
            pytest.importorskip("httptools")
        else:
            patch.setattr(server, "EVENT_LOOP", "asyncio")
            patch.setattr(server, "protocol_class", lambda: protocol.H11ApiProtocol)
        with SandboxServer() as running:
            yield running


def connect(http_server: SandboxServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", http_server.port), timeout=10)


def head(http_server: SandboxServer, *headers: str, path: str = "/v1/chat/completions") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {http_server.key}", *headers]
    return "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode()


def read_error(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """Read a response, and return its status and its error object."""
    response = HTTPResponse(connection)
    response.begin()
    assert response.headers["content-type"] == "application/json"
    return response.status, json.loads(response.read())["error"]


def send_all(connection: socket.socket, data: bytes, times: int) -> None:
    for _ in range(times):
        connection.sendall(data)


def test_sends_responses_on_a_kept_alive_connection_at_once(http_server: SandboxServer) -> None:
    with connect(http_server) as connection:
        connection.sendall(head(http_server, "Content-Length: 4", path="/v1/nothing") + b"null")
        assert read_error(connection)[0] == 404

        (transport,) = http_server._server.transports(connection.getsockname())
        assert sends_at_once(transport)


def test_keeps_the_connection_after_a_rejected_request(http_server: SandboxServer) -> None:
    with connect(http_server) as connection:
        for _ in range(2):
            connection.sendall(head(http_server, "Content-Length: 4", path="/v1/nothing") + b"null")
            assert read_error(connection)[0] == 404


def test_refuses_a_body_of_10_gb_before_it_is_sent(http_server: SandboxServer) -> None:
    with connect(http_server) as connection:
        connection.sendall(head(http_server, "Content-Length: 10000000000"))
        status, error = read_error(connection)
    assert (status, error["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("headers", [["Content-Length: 10000000000"], ["Transfer-Encoding: chunked"]])
def test_closes_the_connection_of_a_body_that_is_too_large(
    http_server: SandboxServer, headers: list[str]
) -> None:
    chunk = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
    with connect(http_server) as connection:
        connection.sendall(head(http_server, *headers))
        with pytest.raises(ConnectionError):
            send_all(connection, chunk, 10_000)


def test_refuses_a_wrong_key_before_a_large_body_is_sent(http_server: SandboxServer) -> None:
    request = head(http_server, "Content-Length: 60000000000").replace(http_server.key.encode(), b"sk-wrong")
    with connect(http_server) as connection:
        connection.sendall(request)
        status, error = read_error(connection)
    assert status in (401, 413)
    assert set(error) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("size", [100_000, 1_000_000])
@pytest.mark.parametrize("end", ["\r\n\r\n", ""], ids=["complete", "incomplete"])
def test_rejects_headers_that_are_too_large(http_server: SandboxServer, size: int, end: str) -> None:
    with connect(http_server) as connection:
        request = f"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: {'x' * size}{end}"
        connection.sendall(request.encode())
        # An incomplete header of one piece is only refused when more of it arrives.
        connection.sendall(b"x" * 100_000 if not end else b"")
        status, error = read_error(connection)
    assert (status, error["code"]) == (431, "headers_too_large")


def test_counts_the_path_as_a_part_of_the_headers(http_server: SandboxServer) -> None:
    with connect(http_server) as connection:
        connection.sendall(head(http_server, "X-Long: " + "x" * 6_000, path="/v1/" + "x" * 60_000))
        assert read_error(connection)[0] == 431


@pytest.mark.parametrize("request_line", ["GET /v1/models HTTP/1.1\r\nno colon", "\0", "GET  HTTP/9"])
def test_answers_what_is_not_http_with_an_error_object(http_server: SandboxServer, request_line: str) -> None:
    with connect(http_server) as connection:
        connection.sendall(f"{request_line}\r\n\r\n".encode())
        status, error = read_error(connection)
    assert (status, error["type"], error["code"]) == (400, "invalid_request_error", None)


def test_rejects_both_a_content_length_and_a_transfer_encoding(http_server: SandboxServer) -> None:
    with connect(http_server) as connection:
        connection.sendall(head(http_server, "Content-Length: 4", "Transfer-Encoding: chunked"))
        connection.sendall(b"4\r\nnull\r\n0\r\n\r\n")
        status, error = read_error(connection)
    assert (status, error["type"]) == (400, "invalid_request_error")


def test_rejects_an_invalid_chunk(http_server: SandboxServer) -> None:
    with connect(http_server) as connection:
        connection.sendall(head(http_server, "Transfer-Encoding: chunked") + b"zz\r\nnull\r\n")
        assert read_error(connection)[0] == 400


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Length: 1000"], b'{"model":'),
        (["Transfer-Encoding: chunked"], b"9\r\n" + b'{"model":' + b"\r\n"),
        (["Transfer-Encoding: chunked"], b"9\r\n{"),
        (["Content-Length: 1000", "Expect: 100-continue"], b""),
    ],
)
def test_logs_no_error_when_an_upload_is_cut(
    http_server: SandboxServer, caplog: pytest.LogCaptureFixture, headers: list[str], body: bytes
) -> None:
    http_headers = {"authorization": f"Bearer {http_server.key}"}
    url = http_server.url.removesuffix("/v1") + "/sandbox/requests"
    with httpx2.Client(headers=http_headers, trust_env=False) as client, caplog.at_level(logging.WARNING):
        client.delete(url)
        with connect(http_server) as connection:
            connection.sendall(head(http_server, *headers) + body)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            entries = client.get(url).json()["data"]
            if entries and entries[0]["ended"]:
                break
        assert entries[0]["ended"]
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_rejects_numbers_that_json_does_not_have(http_server: SandboxServer, number: str) -> None:
    body = json.dumps({"model": CHAT_MODEL, "messages": HI_MESSAGES, "temperature": 0})
    response = httpx2.post(
        f"{http_server.url}/chat/completions",
        content=body.replace('"temperature": 0', f'"temperature": {number}'),
        headers={"authorization": f"Bearer {http_server.key}", "content-type": "application/json"},
        trust_env=False,
    )
    assert response.status_code == 400
    assert "could not parse the JSON body" in response.json()["error"]["message"]
