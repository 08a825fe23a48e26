"""A run that History opens here: its texts, model and dimensions in the form."""

from components.embeddings.input_form import fill_form
from components.session.opened_run import take_opened_run
from core.embeddings.request import EmbeddingSpec


def open_run_in_url() -> None:
    """Fill the form as the request of the run was made. Call it before the form is drawn."""
    run = take_opened_run("embeddings")
    if run is None:
        return
    texts = run.params.get("input")
    lines = [" ".join(str(text).split()) for text in (texts if isinstance(texts, list) else [texts])]
    fill_form(lines, EmbeddingSpec(str(run.params.get("model", "")), run.params.get("dimensions")))
