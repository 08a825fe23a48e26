"""Errors of servers that have no Batch API."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.batches.batch import NO_BATCH_API
from core.errors.types import PlaygroundError


class NoBatchApi(PlaygroundError):
    """The server does not have the endpoints of files and batches."""


@contextmanager
def no_batch_api() -> Iterator[None]:
    """Raise NoBatchApi for the 404, 405 or 501 that a server without these endpoints sends.

    For requests that name no object: there a 404 means that the route does not exist.
    """
    from openai import APIStatusError

    try:
        yield
    except APIStatusError as error:
        if error.status_code not in (404, 405, 501):
            raise
        hint = "Run the requests now instead."
        raise NoBatchApi("This server has no Batch API.", hint, code=NO_BATCH_API) from error
