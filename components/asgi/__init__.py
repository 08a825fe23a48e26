"""The ASGI application around Streamlit: routes, security, static files."""
