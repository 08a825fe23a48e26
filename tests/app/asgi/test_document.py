"""The document of a page names at once what Streamlit would ask for later."""

import re
from importlib.util import find_spec

import httpx2
import pytest
from starlette.applications import Starlette

from components.asgi.document import FRONT_END
from components.asgi.routes import middleware, routes
from components.shell.navigation import PAGES, PageEntry


@pytest.fixture
def client() -> httpx2.AsyncClient:
    app = Starlette(routes=routes(), middleware=middleware())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost:1")


def _links(html: str) -> list[str]:
    return re.findall(r'<link[^>]*href="\./([^"]+)"', html)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
async def test_names_only_files_that_exist(client: httpx2.AsyncClient, page: object) -> None:
    path = "/" if page is PAGES[0] else page.url_path  # type: ignore[attr-defined]
    links = _links((await client.get(path)).text)
    # The rest is Streamlit's own, which this app does not serve.
    ours = [link for link in links if link.startswith(("static/js/", "scripts/", "assets/"))]
    statuses = {link: (await client.get(f"/{link}")).status_code for link in ours}

    assert {link for link, status in statuses.items() if status != 200} == set()
    assert len(ours) == len(set(ours))


async def test_loads_the_script_of_a_component_with_its_page_only(client: httpx2.AsyncClient) -> None:
    chat = re.findall(r'(?:src|href)="\./(scripts/[^"]+)"', (await client.get("/chat")).text)
    without_model = (await client.get("/history")).text

    assert [url.partition("/assets/")[2] for url in chat] == ["live.js", "model-picker.js"]
    assert (await client.get(f"/{chat[0]}")).status_code == 200
    assert "scripts/" not in without_model


async def test_loads_the_modules_of_a_widget_with_all_that_they_import(client: httpx2.AsyncClient) -> None:
    modules = {link.rsplit("/")[-1] for link in _links((await client.get("/chat")).text)}
    imported = {
        name
        for module in modules
        if (path := FRONT_END / "static" / "js" / module).exists()
        for name in re.findall(r'(?:from|import)"\./([^"]+)"', path.read_text("utf-8"))
    }
    entry = next(FRONT_END.glob("static/js/index.*.js")).name

    assert any(module.startswith("BidiComponent.") for module in modules)
    assert imported - modules <= {name for name in imported if name.startswith("index.")} | {entry}


async def test_loads_the_table_of_a_board_instead_of_the_script_of_the_page(
    client: httpx2.AsyncClient,
) -> None:
    board, quick = [(await client.get(path)).text for path in ("/compare?board=all", "/compare")]

    assert "/DataFrame." in board
    assert "compare.js" not in board
    assert "/DataFrame." not in quick
    assert "compare.js" in quick


@pytest.mark.parametrize("page", [page for page in PAGES if page.view], ids=lambda page: page.title)
def test_imports_modules_that_exist(page: PageEntry) -> None:
    assert page.view
    assert [name for name in page.view.modules if find_spec(name) is None] == []


async def test_configures_the_connection_before_the_front_end_starts(client: httpx2.AsyncClient) -> None:
    html = (await client.get("/chat")).text

    assert html.index("window.__streamlit") < html.index('<script type="module"')
    assert html.replace(" ", "").count("<head>") == 1


async def test_is_never_cached_without_asking(client: httpx2.AsyncClient) -> None:
    response = await client.get("/tokens")

    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-type"].startswith("text/html")
