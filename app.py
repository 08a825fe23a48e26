"""The ASGI app that `streamlit run app.py` starts: Streamlit with our routes and middleware.

The main script is `components/frame.py`, not this file: Streamlit's legacy page discovery looks for `pages/`
beside the main script, and would run a page without its frame when it is opened by its address.
"""

from pathlib import Path

from streamlit.starlette import App

from components.asgi.routes import lifespan, middleware, routes

app = App(
    Path(__file__).parent / "components" / "frame.py",
    lifespan=lifespan,
    routes=routes(),
    middleware=middleware(),
)
