"""What pages say that ask a model if there is none."""

from components.session import session


def no_model_problem(model: str) -> str:
    """Return why nothing can be asked without a *model*; empty with one, and while connecting."""
    if model or session.connection().pending:
        return ""
    return "There is no model to ask. Check the connection in the sidebar, or switch the server."
