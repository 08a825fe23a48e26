"""Scripts are served with revalidation, and the pages that need them preload them."""

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
    folder = tmp_path / "assets"
    (folder / "vendor").mkdir(parents=True)
    (folder / "live.js").write_text("export {};")
    (folder / "live.css").write_text("p {}")
    (folder / "vendor" / "lazy.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("sk-secret")
    return folder


@pytest.fixture
def client(folder: Path) -> httpx2.AsyncClient:
    page = Route("/{name}", lambda _request: PlainTextResponse("page"))
    preload = Middleware(
        PreloadMiddleware, pages=("/chat",), folder=folder, mount="s", lazy=("vendor/lazy.js",)
    )
    app = Starlette(routes=[Mount("/s", ScriptFiles(folder)), page], middleware=[preload])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://app")


@pytest.mark.parametrize(("path", "kind"), [("live.js", "text/javascript"), ("live.css", "text/css")])
async def test_serves_a_file_that_the_browser_must_revalidate(
    client: httpx2.AsyncClient, path: str, kind: str
) -> None:
    response = await client.get(f"/s/{path}")

    assert response.headers["content-type"].startswith(kind)
    assert response.headers["cache-control"] == "no-cache"
    assert response.text


async def test_sends_a_file_again_only_if_it_has_changed(client: httpx2.AsyncClient, folder: Path) -> None:
    tag = (await client.get("/s/live.js")).headers["etag"]

    unchanged = await client.get("/s/live.js", headers={"if-none-match": f"W/{tag}"})
    (folder / "live.js").write_text("export { other };")
    changed = await client.get("/s/live.js", headers={"if-none-match": tag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.text) == (200, "export { other };")


@pytest.mark.parametrize(
    "path",
    ["", "vendor", "none.js", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%00"],
)
async def test_serves_only_the_files_of_its_folder(client: httpx2.AsyncClient, path: str) -> None:
    response = await client.get(f"/s/{path}")

    assert "secret" not in response.text
    assert response.status_code == 404 or response.text == "page"


async def test_preloads_scripts_only_with_the_pages_that_need_them(client: httpx2.AsyncClient) -> None:
    link = (await client.get("/chat")).headers["link"]

    assert "<s/live.js>; rel=modulepreload" in link
    assert "lazy.js" not in link
    assert "link" not in (await client.get("/tokens")).headers


async def test_preloads_only_scripts_that_exist() -> None:
    page = Route("/chat", lambda _request: PlainTextResponse("page"))
    app = Starlette(routes=[*routes(), page], middleware=middleware())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:1/") as client:
        links = (await client.get("/chat")).headers["link"].split(", ")
        paths = [link[1:].partition(">")[0] for link in links]
        statuses = {(await client.get(f"/{path}")).status_code for path in paths}

    assert "live/assets/live.js" in paths
    assert statuses == {200}
