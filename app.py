"""The ASGI entry that `streamlit run app.py` finds: pages, live routes and the middleware around them.

The main script is `components/frame.py`, not this file, so that Streamlit does not take the neighbouring
`pages/` folder for its old page discovery, which would run a page without its frame on a cold deep link.
"""

from pathlib import Path

from streamlit.starlette import App

from components.asgi import routes as asgi_routes

app = App(
    Path(__file__).parent / "components" / "frame.py",
    lifespan=asgi_routes.lifespan,
    routes=asgi_routes.routes(),
    middleware=asgi_routes.middleware(),
)
