"""Scripts are served in place, and named with the page that needs them."""

from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from components.asgi.routes import middleware, routes
from components.asgi.static_files import PreloadMiddleware, ScriptFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "assets"
    (inside / "vendor").mkdir(parents=True)
    (inside / "live.js").write_text("export {};")
    (inside / "live.css").write_text("p {}")
    (inside / "vendor" / "later.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("sk-secret")
    return inside


@pytest.fixture
def visitor(folder: Path) -> httpx2.AsyncClient:
    page = Route("/{name}", lambda _request: PlainTextResponse("page"))
    preload = Middleware(
        PreloadMiddleware, pages=("/chat",), folder=folder, mount="s", lazy=("vendor/later.js",)
    )
    app = Starlette(routes=[Mount("/s", ScriptFiles(folder)), page], middleware=[preload])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://app")


@pytest.mark.parametrize(("path", "kind"), [("live.js", "text/javascript"), ("live.css", "text/css")])
async def test_serves_a_file_that_the_browser_asks_for_again(
    visitor: httpx2.AsyncClient, path: str, kind: str
) -> None:
    answer = await visitor.get(f"/s/{path}")

    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text


async def test_sends_nothing_that_the_browser_has(visitor: httpx2.AsyncClient, folder: Path) -> None:
    tag = (await visitor.get("/s/live.js")).headers["etag"]

    same = await visitor.get("/s/live.js", headers={"if-none-match": f"W/{tag}"})
    (folder / "live.js").write_text("export { other };")
    other = await visitor.get("/s/live.js", headers={"if-none-match": tag})

    assert (same.status_code, same.content) == (304, b"")
    assert (other.status_code, other.text) == (200, "export { other };")


@pytest.mark.parametrize(
    "path",
    ["", "vendor", "none.js", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%00"],
)
async def test_serves_nothing_else(visitor: httpx2.AsyncClient, path: str) -> None:
    answer = await visitor.get(f"/s/{path}")

    assert "secret" not in answer.text
    assert answer.status_code == 404 or answer.text == "page"


async def test_names_the_scripts_with_the_page_that_needs_them(visitor: httpx2.AsyncClient) -> None:
    link = (await visitor.get("/chat")).headers["link"]

    assert "<s/live.js>; rel=modulepreload" in link
    assert "later.js" not in link
    assert "link" not in (await visitor.get("/tokens")).headers


async def test_names_only_scripts_that_are_there() -> None:
    page = Route("/chat", lambda _request: PlainTextResponse("page"))
    app = Starlette(routes=[*routes(), page], middleware=middleware())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:1/") as client:
        links = (await client.get("/chat")).headers["link"].split(", ")
        paths = [link[1:].partition(">")[0] for link in links]
        found = [(await client.get(f"/{path}")).status_code for path in paths]

    assert "live/assets/live.js" in paths
    assert set(found) == {200}
