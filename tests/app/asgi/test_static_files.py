"""Scripts are served with revalidation, or for good where their address contains a hash."""

from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from components.asgi.static_files import BundleMiddleware, ScriptFiles, VersionedScripts
from components.ui.scripts.script_urls import joined_script, script_files, script_url, scripts_version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    (folder / "vendor").mkdir(parents=True)
    (folder / "live.js").write_text("export {};")
    (folder / "live.css").write_text("p {}")
    (tmp_path / "secret.txt").write_text("sk-secret")
    return folder


@pytest.fixture
def client(folder: Path) -> httpx2.AsyncClient:
    page = Route("/{name:path}", lambda _request: PlainTextResponse("page"))
    app = Starlette(
        routes=[Mount("/s", ScriptFiles(folder)), Mount("/scripts", VersionedScripts()), page],
        middleware=[Middleware(BundleMiddleware, folder=folder)],
    )
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
@pytest.mark.parametrize("mount", ["/s", "/scripts/version", "/static/js"])
async def test_serves_only_the_files_of_its_folder(client: httpx2.AsyncClient, mount: str, path: str) -> None:
    response = await client.get(f"{mount}/{path}")

    assert "secret" not in response.text
    assert response.status_code == 404 or response.text == "page"


async def test_serves_the_scripts_of_the_components_for_good(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"/{script_url('live/assets/live.js')}")

    assert response.content == joined_script("live/assets/live.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]


async def test_serves_what_is_no_script_as_it_is(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"/{script_url('live/assets/live.css')}")

    assert response.content == script_files()["live/assets/live.css"].read_bytes()
    assert response.headers["content-type"].startswith("text/css")


async def test_gives_a_tab_of_an_earlier_version_the_scripts_without_caching(
    client: httpx2.AsyncClient,
) -> None:
    response = await client.get("/scripts/0123456789ab/live/assets/live.js")

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"


def test_changes_the_version_with_any_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = tmp_path / "dom.js"
    changed.write_text("export {};")
    before = scripts_version()
    files = {**script_files(), "live/assets/dom.js": changed}
    monkeypatch.setattr("components.ui.scripts.script_urls.script_files", lambda: files)

    assert scripts_version.__wrapped__() != before


async def test_answers_for_the_scripts_of_streamlit(client: httpx2.AsyncClient) -> None:
    response = await client.get("/static/js/live.js")

    assert response.text == "export {};"
    assert "immutable" in response.headers["cache-control"]
    assert (await client.get("/static/js/other.js")).text == "page"
