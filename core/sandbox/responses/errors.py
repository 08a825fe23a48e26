"""The errors of the Responses API that differ from those of Chat Completions."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from core.sandbox.api.errors import ApiError, invalid_request, unknown_parameter

_MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
}
_DOCUMENTATION = "https://platform.openai.com/docs/api-reference/responses/create"
_MAX_DISTANCE = 2
_MAX_SUGGESTION_LENGTH = 40


def unknown_key(name: str, known: Collection[str], sent: Collection[str]) -> ApiError:
    """Return the error for the unknown parameter *name*, with the *known* one that may be meant."""
    if name in _MOVED:
        message = (
            f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
            f"'{_MOVED[name]}'. Try again with the new parameter. See the API documentation for more "
            f"information: {_DOCUMENTATION}."
        )
        return invalid_request(message, None, "unsupported_parameter")
    error = unknown_parameter(name)
    distances = {other: _edit_distance(name, other) for other in known if other not in sent}
    closest = min(distances, key=distances.__getitem__, default="")
    if not closest or distances[closest] > _MAX_DISTANCE:
        return error
    return invalid_request(f"{error} Did you mean '{closest}'?", error.param, error.code)


def _edit_distance(left: str, right: str) -> int:
    if abs(len(left) - len(right)) > _MAX_DISTANCE or len(left) > _MAX_SUGGESTION_LENGTH:
        return _MAX_DISTANCE + 1
    row = list(range(len(right) + 1))
    for index, letter in enumerate(left, 1):
        previous, row[0] = row[0], index
        for column, other in enumerate(right, 1):
            changed = previous + (letter != other)
            previous, row[column] = row[column], min(changed, row[column] + 1, row[column - 1] + 1)
    return row[-1]


@contextmanager
def own_names() -> Iterator[None]:
    """Raise the errors of the code that both APIs use with the names of this API."""
    try:
        yield
    except ApiError as error:
        if error.code == "context_length_exceeded":
            message = (
                "Your input exceeds the context window of this model. Please adjust your input and try again."
            )
            raise invalid_request(message, "input", error.code) from error
        name = {"messages": "input", "response_format": "text.format"}.get(error.param or "")
        if name is None:
            raise
        message = str(error).replace(f"'{error.param}'", f"'{name}'")
        raise ApiError(error.status, message, param=name, code=error.code) from error


def missing_input() -> ApiError:
    message = (
        "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided."
    )
    return invalid_request(message, "input", "missing_required_parameter")


def item_not_found(item_id: str) -> ApiError:
    message = (
        f"Item with id '{item_id[:100]}' not found. Items are not persisted when `store` is set to false. "
        "Try again with `store` set to true, or remove this item from your input."
    )
    return ApiError(404, message, param="input")


def response_not_found(response_id: str) -> ApiError:
    return ApiError(404, f"Response with id '{response_id[:100]}' not found.")


def previous_response_not_found(response_id: str) -> ApiError:
    message = f"Previous response with id '{response_id[:100]}' not found."
    return invalid_request(message, "previous_response_id", "previous_response_not_found")
