"""Reading a JSON body, with bounds."""

import json
from typing import Any

from starlette.requests import Request

from core.sandbox.guard import MAX_BODY, too_large
from core.sandbox.problems import invalid


async def read_json(request: Request) -> Any:
    """Read the body as JSON. Raises ApiProblem when it is too large or not JSON."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise too_large()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        text = (
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
            "your HTTP library correctly. The API expects a JSON payload, but what was sent was not valid "
            "JSON.)"
        )
        raise invalid(text) from error
