"""A run that History opens here: its texts, model and dimensions in the form."""

from components.session import session
from components.session.opened_run import take_opened_run


def open_run_in_url() -> None:
    """Fill the form as the request of the run was made. Call it before the form is drawn."""
    run = take_opened_run("embeddings")
    if run is None:
        return
    texts = run.params.get("input")
    lines = [" ".join(str(text).split()) for text in (texts if isinstance(texts, list) else [texts])]
    session.set_widget_value("embeddings.source", "Lines")
    session.set_widget_value("embeddings.text", "\n".join(lines))
    session.set_widget_value("embeddings.models", [str(run.params.get("model", ""))])
    session.set_widget_value("embeddings.dimensions", [str(run.params.get("dimensions") or "default")])
