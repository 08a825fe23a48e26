"""The floor page: the least that a chat in a browser can be, as the limit of what any app can reach.

One Starlette app with one client, and a page that shows a reply from an EventSource.
"""

import argparse
import json
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from openai import AsyncOpenAI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

_PAGE = Path(__file__).parent / "page.html"


@cache
def _client() -> AsyncOpenAI:
    return AsyncOpenAI()


async def show_page(_request: Request) -> Response:
    return FileResponse(_PAGE)


async def stream_reply(request: Request) -> Response:
    messages: Any = json.loads(request.query_params["messages"])
    return StreamingResponse(_events(messages), media_type="text/event-stream")


async def _events(messages: Any) -> AsyncIterator[str]:
    stream = await _client().chat.completions.create(model="gpt-6-luna", messages=messages, stream=True)
    async for chunk in stream:
        if chunk.choices and (text := chunk.choices[0].delta.content):
            yield f"data: {json.dumps(text)}\n\n"
    yield "event: end\ndata:\n\n"


app = Starlette(routes=[Route("/", show_page), Route("/reply", stream_reply)])

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server.port", dest="port", type=int, help="named like Streamlit's option")
    uvicorn.run(app, port=parser.parse_args().port, log_level="error")
