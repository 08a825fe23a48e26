"""What makes the first page fast: every start-up optimisation, why it exists and what it gains.

Gains were measured on two cores by `python -m bench start`, which compares with Streamlit's tutorial app.

- **uvloop and httptools** (Streamlit uses both when they are installed) **and TCP_NODELAY** for other event
  loops (`components/asgi/no_delay.py`): a response on a kept-alive connection takes 0.5 ms instead of 44 ms,
  and a page needs more than a hundred of them over six connections.
- **Imports inside functions.** The first page needs neither the SDK (0.5 s), SQLAlchemy (14 MiB of memory)
  nor numpy and pandas, so core and components import them where they are used. A test keeps it so:
  `tests/app/runtime/test_first_page.py`.
- **No price on Home** (`components/shell/sidebar.py`): the price table takes 6 MiB, and 0.1 s while a visitor
  begins to use the page. Chat, which shows a price, loads it.
- **One copy of a vocabulary** (`core/tokens/encodings.py`): tiktoken would hold 27 MiB more, in Python.
- **Preloading after the first page** (`preload_after_first_page`): the SDK is imported in the background one
  second after the first page was drawn, so the first request does not wait for it. Imported at the start,
  it delayed that page by half a second.
- **Imports without garbage collection** (`import_without_gc`): a quarter faster, because modules are never
  garbage. Freezing them afterwards saves 50 ms at the end of every script run, where Streamlit collects, and
  freezing what pages import later (`mark_page_rendered`) 10 to 30 ms more on a page with a table, during
  which no thread can run: on a busy machine a click waited up to 300 ms for it.
- **A document with the page's modules** (`components/asgi/document.py`): Streamlit's front end asks for its
  server below the page's path first, waits, and loads the modules of the widgets when it draws them. The
  document names the server and the modules, ours too, so they are loaded beside the front end.
- **A board's modules with its document** (`import_in_background`): an address with a board is opened in a new
  process, too, such as from a bookmark. While the browser loads the front end, which takes half a second, the
  server imports SQLAlchemy and pyarrow for it.
- **Scripts from the event loop** (`components/asgi/static_files.py`): a hundred small files in half the time,
  Streamlit's too. Ours have a hash in their address, so a reload asks for none of them.
- **One script with its stylesheet** (`components/ui/scripts/script_bundle.py`): a component is drawn in the
  frame in which it is mounted, not when a stylesheet has arrived, and the browser handles one module instead
  of 27. A reload of Chat takes 20 ms less of the renderer's time and 25 to 50 ms less until it can be used.
- **Common Korean characters first** (`.streamlit/config.toml`): 0.4 MB of fonts instead of 2 MB, and none of
  them for Home and an empty chat, whose texts are English (`components/shell/example_prompts.py`). The
  document names a font of the system until the theme arrives, so Streamlit's own is not loaded either.
- **Few elements at rest** (`components/shell`, `components/chat/context.py`): the front end takes 1 to 3 ms
  for each element, tooltip and badge before the page can be used. So the price and the capabilities of a
  model are one element (15 ms less than two with tooltips), the pages in the menu have no tooltips, and a
  closed popover is empty.
- **Texts and links as HTML** (`components/shell`): of Streamlit's elements, headings, Markdown and page links
  take longest to draw. One `st.html` for many of them draws Home in 12 % less of the renderer's time with 25
  messages instead of 46, a reload in 285 ms instead of 335. It gained nothing to put the style into the
  document, to send all messages of a run at once, to draw the page before the sidebar, or to evaluate the
  modules of widgets while the page connects.
- **Markdown after the page** (`preload` in `sanitize.js`): its code is compiled a second later, not while the
  page is drawn.
- **Lazy routes** (`components/asgi/routes.py`): the live routes and the database are imported when a page
  first requests them, so Home never does.
- **Component data as bytes** (`components/live`, `components/tokenview`): a dict would make Streamlit
  import pandas to see whether it is a data frame.
- **The icon as a message** (`components/shell/favicon.py`): `st.set_page_config` would import numpy and
  Pillow for it, 20 MiB and 0.1 s.
- **One OpenBLAS thread** (`limit_blas_threads`): on a busy machine two threads waited for each other, 200 ms
  for what one did in 2 ms.
- **Threads that switch often** (`switch_threads_often`): each query of a page leaves the interpreter to other
  threads, and beside those that compute for a large job it got it back 5 ms later. Ten queries beside two of
  them took 45 ms, now 12 ms; the threads compute as much as before.
"""

import asyncio
import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import Event, Lock, Thread
from typing import TypeVar

from components.runtime import resources
from core.errors.types import PlaygroundError

T = TypeVar("T")

# Seconds for which a thread that computes may keep the interpreter from others.
_SWITCH_INTERVAL = 0.001
# Seconds to wait for a first browser before the SDK is imported without one.
_FIRST_VISIT_TIMEOUT = 5.0
# Seconds that a browser takes to draw a page after its script has run.
_RENDER_TIME = 1.0
# A run that imports fewer modules is collected as it is.
_MIN_NEW_MODULES = 20

_first_page_rendered = Event()
_import_lock = Lock()
# How many modules there were when objects were frozen for the last time.
_frozen_modules = 0
_log = logging.getLogger(__name__)


def limit_blas_threads() -> None:
    """Let numpy use one thread unless the operator chose otherwise. Call it before numpy is imported."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def switch_threads_often() -> None:
    """Let threads that compute give the interpreter to others sooner than by Python's default."""
    sys.setswitchinterval(_SWITCH_INTERVAL)


def start_preloading() -> None:
    """Run `preload_after_first_page` in a background thread."""
    Thread(target=preload_after_first_page, name="preload", daemon=True).start()


def mark_page_rendered() -> None:
    """Start the preloading after the first run of a page, and freeze what a run has imported."""
    _first_page_rendered.set()
    has_new_modules = len(sys.modules) >= _frozen_modules + _MIN_NEW_MODULES
    if _frozen_modules and has_new_modules and _import_lock.acquire(blocking=False):
        try:
            _freeze()
        finally:
            _import_lock.release()


def preload_after_first_page() -> None:
    """Import the SDK and search for local servers once the first page is drawn, or without a browser."""
    with _gc_disabled():
        visited = _first_page_rendered.wait(_FIRST_VISIT_TIMEOUT)
    if visited:
        time.sleep(_RENDER_TIME)
    from core.client.client import preload

    try:
        import_without_gc(preload)
    except PlaygroundError as error:
        _log.warning("%s. %s", error, error.hint)
    asyncio.run(resources.search_local_servers())


@cache
def import_in_background(modules: tuple[str, ...]) -> None:
    """Import *modules* in a thread, once."""

    def load() -> None:
        for module in modules:
            import_module(module)

    Thread(target=load, name="imports", daemon=True).start()


def import_without_gc(load: Callable[[], T]) -> T:
    """Run *load*, which imports large packages, without garbage collection, and freeze what it created."""
    with _import_lock:
        with _gc_disabled():
            result = load()
        _freeze()
        return result


def _freeze() -> None:
    """Exclude all objects from later collections.

    Cycles of the sessions that are open by then are never collected: few, as modules are imported once.
    """
    global _frozen_modules
    gc.collect()
    gc.freeze()
    _frozen_modules = len(sys.modules)


@contextmanager
def _gc_disabled() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
