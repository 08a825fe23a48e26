"""Images are fetched from the public internet only, however a URL is written."""

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_address

import pytest

from core.images.fetch import FetchPolicy, ImageFetchError, fetch_image, is_public, validate_url
from core.images.image import MAX_BYTES
from tests.servers import (
    ConnectionFault,
    ReceivedRequest,
    StubResponse,
    StubServer,
    http_response,
    stub_server,
)

IMAGE = b"\x89PNG\r\n\x1a\n..."


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_accepts_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.8.9.1", id="all of loopback"),
        pytest.param("::1", id="loopback of IPv6"),
        pytest.param("0.0.0.0", id="this host"),
        pytest.param("::", id="this host of IPv6"),
        pytest.param("10.1.2.3", id="private 10"),
        pytest.param("172.16.0.1", id="private 172.16"),
        pytest.param("192.168.1.1", id="private 192.168"),
        pytest.param("fd00::1", id="unique local"),
        pytest.param("169.254.169.254", id="cloud metadata"),
        pytest.param("fe80::1", id="link-local of IPv6"),
        pytest.param("fd00:ec2::254", id="cloud metadata of IPv6"),
        pytest.param("100.64.0.1", id="shared"),
        pytest.param("100.100.100.200", id="cloud metadata in the shared range"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("ff02::1", id="multicast of IPv6"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("::ffff:127.0.0.1", id="mapped loopback"),
        pytest.param("::ffff:a9fe:a9fe", id="mapped metadata"),
        pytest.param("64:ff9b::a9fe:a9fe", id="NAT64 metadata"),
        pytest.param("2002:7f00:1::", id="6to4 loopback"),
        pytest.param("2001:0:1:1:0:0:80ff:fffe", id="Teredo loopback"),
        pytest.param("192.0.0.9", id="IETF assignments"),
        pytest.param("192.88.99.1", id="6to4 relay"),
        pytest.param("168.63.129.16", id="Azure platform"),
        pytest.param("::ffff:168.63.129.16", id="mapped Azure platform"),
        pytest.param("fec0::1", id="site-local"),
        pytest.param("3fff::1", id="documentation of IPv6"),
    ],
)
def test_rejects_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a.png",
        "gopher://example.org/",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "//example.org/a.png",
        "https://",
        "https://user:secret@example.org/a.png",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://example.org/a b.png",
        "https://example.org/a\u202e.png",
        "https://[::1",
        "https://example.org/" + "a" * 2000,
        "",
    ],
)
def test_rejects_what_is_not_a_plain_web_address(url: str) -> None:
    with pytest.raises(ImageFetchError) as raised:
        validate_url(url)

    assert raised.value.hint
    assert "secret" not in f"{raised.value}{raised.value.hint}"


def test_returns_a_web_address_unchanged() -> None:
    assert validate_url(" https://example.org/a.png?x=1#y ") == "https://example.org/a.png?x=1#y"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.png",
        "http://localhost/a.png",
        "http://[::1]/a.png",
        "http://[::ffff:169.254.169.254]/latest/meta-data",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
    ],
)
async def test_never_connects_to_this_machine_however_it_is_written(url: str) -> None:
    with pytest.raises(ImageFetchError, match=r"not on the public internet|Host not found"):
        await fetch_image(url)


async def test_rejects_an_unusual_port() -> None:
    with pytest.raises(ImageFetchError, match="Port 8080"):
        await fetch_image("http://93.184.215.14:8080/a.png")


def respond(request: ReceivedRequest) -> StubResponse:
    pages: dict[str, StubResponse] = {
        "/image": http_response(IMAGE),
        "/moved": http_response(status=302, location="/image"),
        "/private": http_response(status=302, location="http://[::1]/secret"),
        "/to-file": http_response(status=301, location="file:///etc/passwd"),
        "/broken": http_response(status=302, location="http://["),
        "/loop": http_response(status=307, location="/loop"),
        "/compressed": http_response(b"x", content_encoding="gzip"),
        "/endless": (b"HTTP/1.1 200 OK\r\n\r\n", bytes(MAX_BYTES + 1), ConnectionFault.HANG),
        "/silent": (ConnectionFault.HANG,),
        "/reset": (ConnectionFault.RESET,),
    }
    return pages.get(request.path, http_response(status=404))


@pytest.fixture
async def server() -> AsyncIterator[StubServer]:
    async with stub_server(respond) as stub:
        yield stub


def allow_only(server: StubServer) -> FetchPolicy:
    """A policy that allows the stub server and nothing else on this machine."""
    return FetchPolicy(lambda address: str(address) == "127.0.0.1", (server.port,))


def server_url(server: StubServer, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


@pytest.mark.parametrize("path", ["/image", "/moved"])
async def test_fetches_an_image(server: StubServer, path: str) -> None:
    assert await fetch_image(server_url(server, path), allow_only(server)) == IMAGE


async def test_sends_the_host_but_no_credentials(server: StubServer) -> None:
    await fetch_image(server_url(server, "/image"), allow_only(server))

    headers = server.requests[-1].headers
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert not headers.keys() & {"authorization", "cookie", "referer", "x-live-token"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/private", r"not on the public|Port 80", id="redirect to a private address"),
        pytest.param("/to-file", "not a web address", id="redirect to a file"),
        pytest.param("/broken", "not a URL", id="redirect to an invalid URL"),
        pytest.param("/loop", "Too many redirects", id="redirect loop"),
        pytest.param("/compressed", "compressed", id="compressed"),
        pytest.param("/endless", "too large", id="endless"),
        pytest.param("/reset", "Can't connect", id="reset"),
        pytest.param("/none", "answered 404", id="missing"),
    ],
)
async def test_rejects_a_response_with_a_reason(server: StubServer, path: str, reason: str) -> None:
    with pytest.raises(ImageFetchError, match=reason):
        await fetch_image(server_url(server, path), allow_only(server))


async def test_times_out_on_a_silent_server(server: StubServer) -> None:
    with pytest.raises(ImageFetchError, match="too long"):
        await fetch_image(server_url(server, "/silent"), replace(allow_only(server), timeout=0.2))


@pytest.mark.parametrize("host", ["한국." + "x" * 70, "한국..kr", "한" * 70])
async def test_rejects_a_host_that_cannot_be_encoded_in_ascii(host: str) -> None:
    with pytest.raises(ImageFetchError, match="Host not found"):
        await fetch_image(f"http://{host}/")


async def test_connects_to_a_host_in_another_script(server: StubServer) -> None:
    full_width = f"http://１２７.0.0.1:{server.port}/image"

    assert await fetch_image(full_width, allow_only(server)) == IMAGE
    assert server.requests[-1].headers["host"] == f"127.0.0.1:{server.port}"


async def test_requests_a_path_in_another_script(server: StubServer) -> None:
    with pytest.raises(ImageFetchError, match="answered 404"):
        await fetch_image(server_url(server, "/사진.png"), allow_only(server))

    assert server.requests[-1].path == "/%EC%82%AC%EC%A7%84.png"
