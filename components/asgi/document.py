"""The HTML document of each page: Streamlit's own, with what makes it load faster.

Streamlit's document loads its front end first, then asks below the page's path for a server, and loads the
modules of a page's widgets when it draws them. Ours names the server and the modules at once.
"""

import re
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from components.runtime.startup import import_in_background
from components.shell.navigation import PAGES, PageEntry, PageView
from components.ui.models import model_picker
from components.ui.scripts.script_urls import script_url

# Resolved, as imported modules are: the environment may be behind a link.
FRONT_END = Path(streamlit.__file__).resolve().parent / "static"
_MODULES = FRONT_END / "static" / "js"

# Streamlit reads this object: with a server and a host configuration in it, it connects without asking for
# either. A page's path has one segment, so "." is the root of the app. Until the theme arrives, texts have a
# font of the system: Streamlit's own would be loaded for nothing.
_CONFIGURATION = """<script>
      window.__streamlit = {
        BACKEND_BASE_URL: new URL(".", document.baseURI).href,
        HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
        LIGHT_THEME: { bodyFont: "system-ui" },
        DARK_THEME: { bodyFont: "system-ui" },
      };
    </script>
    """
# Streamlit adds an entry to the browser's history whenever a page changes its query parameters. One that a
# page adds to its own address, because this session has something open, must not need a step back of its own.
_HISTORY = """<script>
      const pushState = history.pushState.bind(history);
      history.pushState = (state, title, url) => {
        const [from, to] = [new URL(location), new URL(url, location)];
        const isAdded = (name) => to.searchParams.has(name) && !from.searchParams.has(name);
        if (to.pathname === from.pathname && ["c", "comparison", "loop", "schema"].some(isAdded)) {
          history.replaceState(state, title, url);
        } else {
          pushState(state, title, url);
        }
      };
    </script>
    """
# A link in `st.html` opens a page as Streamlit's own links do, in the same session: Streamlit follows the
# address when the browser goes back or forward.
_LINKS = """<script>
      addEventListener("click", (event) => {
        const link = event.target.closest?.(".stHtml a[href]:not([download])");
        const opensTab = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
        if (!link || opensTab || link.origin !== location.origin) return;
        event.preventDefault();
        history.pushState(null, "", link.href);
        dispatchEvent(new PopStateEvent("popstate"));
      });
    </script>
    """
_FONT = '<link rel="preload" href="./assets/fonts/Inter.woff2" as="font" type="font/woff2" crossorigin>'
# What every page shows: HTML, which is purified, and the choice of a model, a component.
_COMMON_WIDGETS = ("Html", "purify", "BidiComponent")
_IMPORT = re.compile(r'(?:from|import)\s*"(\.\.?/[^"]+\.js)"')
_FONT_PRELOAD = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*>')


def document_routes() -> list[Route]:
    """Return a route for the address of each page; Streamlit answers for all others."""
    return [
        Route("/" if page is PAGES[0] else page.url_path, partial(_respond, page), name=page.title)
        for page in PAGES
    ]


async def _respond(page: PageEntry, request: Request) -> Response:
    view = page.view if page.view and page.view.parameter in request.query_params else None
    if view:
        import_in_background(view.modules)
    return HTMLResponse(_document(page, view), headers={"cache-control": "no-cache"})


@cache
def _document(page: PageEntry, view: PageView | None) -> str:
    """Return Streamlit's document with the configuration and the links; what it lacks stays as it is."""
    html = (FRONT_END / "index.html").read_text("utf-8")
    scripts = _CONFIGURATION + _HISTORY + _LINKS
    html = html.replace('<script type="module"', f'{scripts}<script type="module"', 1)
    # Streamlit preloads its own font, which the theme does not use.
    html = _FONT_PRELOAD.sub(_FONT, html, count=1)
    names = [name for name in _bundle_modules((view or page).widgets) if name not in html]
    # With a low priority, so that they are loaded after what Streamlit needs first.
    links = [
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}" fetchpriority="low">'
        for name in names
    ]
    # Evaluated while Streamlit connects, not when it draws the component.
    page_script = "" if view else page.script
    for script in filter(None, (page_script, model_picker.SCRIPT if page.uses_chat_model else "")):
        url = script_url(script)
        links.append(f'<script type="module" crossorigin src="./{url}" fetchpriority="low"></script>')
    return html.replace("</head>", "\n".join([*links, "</head>"]), 1)


def _bundle_modules(widgets: Iterable[str]) -> list[str]:
    """Return the file names of Streamlit's modules for *widgets*, and of what they import."""
    paths = {path.name.split(".")[0]: path for path in sorted(_MODULES.glob("*.js"))}
    roots = [paths[name] for name in (*_COMMON_WIDGETS, *widgets) if name in paths]
    return [path.name for path in _with_imports(roots)]


def _with_imports(modules: Iterable[Path]) -> list[Path]:
    """Return *modules* and all modules that they import statically."""
    reachable = list(modules)
    for module in reachable:
        imported = [(module.parent / name).resolve() for name in _IMPORT.findall(module.read_text("utf-8"))]
        reachable += [path for path in dict.fromkeys(imported) if path not in reachable and path.exists()]
    return reachable
