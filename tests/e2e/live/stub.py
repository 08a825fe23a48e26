"""A small server that plays the app's part for the live component: the question chooses the reply."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).parents[3] / "components" / "live" / "assets"
TOKEN = "stub-token"
CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; connect-src 'self'; "
    "img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:"
)
# What Streamlit 1.67 sets on the component with its default light and dark palettes.
THEMES = {
    "light": {
        "text-color": "#2F2D2B",
        "background-color": "#FFFFFF",
        "secondary-background-color": "#F8F8F7",
        "primary-color": "#3b5bdb",
        "link-color": "#244FB4",
        "code-background-color": "rgba(252, 252, 251, 1)",
        "red-text-color": "#9E303B",
        "red-background-color": "#FFF1F2",
        "orange-text-color": "#9B4519",
        "green-text-color": "#0C5A44",
        "blue-text-color": "#244FB4",
        "violet-text-color": "#6F33B8",
    },
    "dark": {
        "text-color": "#EDEBE8",
        "background-color": "#171614",
        "secondary-background-color": "#2D2B27",
        "primary-color": "#91a7ff",
        "link-color": "#85B8F8",
        "code-background-color": "rgba(34, 33, 30, 1)",
        "red-text-color": "#F2919A",
        "red-background-color": "#412023",
        "orange-text-color": "#F2A56D",
        "green-text-color": "#7ED5B0",
        "blue-text-color": "#85B8F8",
        "violet-text-color": "#BF8EF7",
    },
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Live</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; background: {page}; color: {text} }}
main {{ {theme} padding: 1rem }} h1 {{ font: 600 1.25rem sans-serif; margin: 0 0 .5rem }}</style></head>
<body><main><h1>Chat</h1><div id="host"></div></main><script type="module">
import {{ mount }} from "/live/assets/live.js?v=1";
const root = document.getElementById("host").attachShadow({{ mode: "open" }});
window.triggers = [];
window.mountWith = (data) => {{
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  const setTriggerValue = (name, value) => window.triggers.push([name, value]);
  return mount({{ parentElement: root, data: bytes, setTriggerValue, key: "k", name: "live" }});
}};
window.liveData = {data};
window.liveCleanup = window.mountWith(window.liveData);
</script></body></html>"""

Step = tuple[float, dict[str, Any]]


@dataclass
class StubRun:
    """A reply in the making: the steps still to come, and the events that readers may replay."""

    id: str
    message: dict[str, Any]
    steps: list[Step]
    drop_after: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False


@dataclass
class LiveStub:
    """One conversation, kept in memory; *script* maps a question to the steps of its reply."""

    data: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    script: dict[str, list[Step]] = field(default_factory=dict)
    final: dict[str, dict[str, Any]] = field(default_factory=dict)
    sends: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    runs: dict[str, StubRun] = field(default_factory=dict)
    drop_after: int = 0
    gauge: str = "1.2k / 128k"
    conversation: str = "c1"
    refuse: bool = False
    moved_on: bool = False
    deleted: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def app(self) -> Starlette:
        live = [
            Route("/transcript", self._transcript),
            Route("/send", self._send, methods=["POST"]),
            Route("/sends/{key}/withdraw", self._withdraw, methods=["POST"]),
            Route("/estimate", self._estimate, methods=["POST"]),
            Route("/runs/{run}", self._follow),
            Route("/runs/{run}/stop", self._stop, methods=["POST"]),
            Route("/messages/{message}/{change}", self._change, methods=["POST"]),
            Mount("/assets", StaticFiles(directory=ASSETS)),
        ]
        return Starlette(routes=[Route("/", self._page), Mount("/live", routes=live)])

    def message(self, role: str, text: str, **more: Any) -> dict[str, Any]:
        """A message as the transcript route sends it, not added to the conversation."""
        name = f"m{next(self._numbers)}"
        plain = {"id": name, "role": role, "text": text, "images": [], "pinned": False, "siblings": [name]}
        return plain | {"created": "2026-11-23T10:00:00Z", "run": None, "dropped": False} | more

    def view(self) -> dict[str, Any]:
        running = next((run.id for run in self.runs.values() if not run.message["run"]["metrics"]), None)
        total = {"label": "tokens", "value": "1,204", "hint": "in 900, out 304"}
        cost = {"label": "in all", "value": "$0.0004", "hint": "computed from list prices"}
        conversation = {"id": self.conversation, "title": "Stub"}
        totals = [total, cost] if self.messages else []
        return {
            "conversation": conversation,
            "messages": self.messages,
            "running": running,
            "totals": totals,
        }

    async def _page(self, request: Request) -> Response:
        theme = THEMES[request.query_params.get("theme", "light")]
        style = " ".join(f"--st-{name}: {value};" for name, value in theme.items())
        data = json.dumps(DATA | self.data).replace("<", "\\u003c")
        page, text = theme["background-color"], theme["text-color"]
        html = PAGE.format(page=page, text=text, theme=style, data=data)
        return HTMLResponse(html, headers={"content-security-policy": CSP})

    async def _transcript(self, request: Request) -> Response:
        assert request.headers["x-live-token"] == TOKEN
        if request.query_params["conversation"] != self.conversation:
            return JSONResponse(MOVED, 409)
        return JSONResponse(self.view())

    async def _estimate(self, request: Request) -> Response:
        body = await request.json()
        return JSONResponse(GAUGE | {"text": f"{self.gauge}, draft of {len(body['text'])}"})

    async def _send(self, request: Request) -> Response:
        body = await request.json()
        self.sends.append(body)
        if body["conversation"] != self.conversation:
            return JSONResponse(MOVED, 409)
        if self.refuse:
            return JSONResponse({"title": "No connection is chosen.", "hint": "Choose one in Settings."}, 400)
        user, run = self._begin(body)
        start = {"t": "start", "run": run.id, "user": user, "assistant": run.message}
        return StreamingResponse(self._lines(run, start, after=0, drop=run.drop_after))

    def _begin(self, body: dict[str, Any]) -> tuple[dict[str, Any] | None, StubRun]:
        at = next((i for i, message in enumerate(self.messages) if message["id"] == body["message"]), None)
        self.messages = self.messages[:at]
        user = self.message("user", body["text"]) if body["action"] in {"send", "edit"} else None
        name = f"r{len(self.runs)}"
        run_view = {
            "id": name,
            "state": "running",
            "model": "gpt-6-luna",
            "reasoning": "",
            "metrics": [],
            "note": "",
        }
        reply = self.message("assistant", "", run=run_view | {"error": None, "can_continue": False})
        self.messages += [user, reply] if user else [reply]
        steps = self.script.get(body["text"]) or [(0.0, {"t": "text", "s": f"You said: {body['text']}"})]
        run = StubRun(name, reply, steps, self.drop_after)
        self.runs[name] = run
        self.drop_after = 0
        task = asyncio.create_task(self._play(run, self.final.get(body["text"], {})))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return user, run

    async def _play(self, run: StubRun, final: dict[str, Any]) -> None:
        for wait, event in run.steps:
            if run.stopped:
                break
            if wait:
                await asyncio.sleep(wait)
            run.events.append(event | {"n": len(run.events) + 1})
            run.grown.set()
        text = "".join(event["s"] for event in run.events if event["t"] == "text")
        state = {"state": "stopped" if run.stopped else "done", "metrics": METRICS}
        run.message |= {"text": text, "run": run.message["run"] | state | final}
        run.grown.set()

    async def _lines(
        self, run: StubRun, start: dict[str, Any] | None, after: int, drop: int
    ) -> AsyncIterator[str]:
        if start:
            yield json.dumps(start) + "\n"
        while after < len(run.events) or not run.message["run"]["metrics"]:
            batch = run.events[after : after + (drop or len(run.events))]
            yield "".join(json.dumps(event) + "\n" for event in batch)
            after += len(batch)
            if drop and after >= drop:
                return
            if after == len(run.events) and not run.message["run"]["metrics"]:
                run.grown.clear()
                await run.grown.wait()
        view = self.view()
        message = None if self.moved_on else run.message
        end = {"t": "end", "message": message, "totals": view["totals"]}
        yield json.dumps(end) + "\n"

    async def _follow(self, request: Request) -> Response:
        run = self.runs[request.path_params["run"]]
        return StreamingResponse(self._lines(run, None, int(request.query_params["after"]), drop=0))

    async def _stop(self, request: Request) -> Response:
        run = self.runs[request.path_params["run"]]
        run.stopped = True
        return JSONResponse({"stopped": True})

    async def _withdraw(self, request: Request) -> Response:
        self.withdrawn.append(request.path_params["key"])
        return JSONResponse({})

    async def _change(self, request: Request) -> Response:
        name, change = request.path_params["message"], request.path_params["change"]
        self.changes.append((name, change))
        if change == "delete":
            index = next(i for i, message in enumerate(self.messages) if message["id"] == name)
            self.deleted[name] = (index, self.messages.pop(index))
        elif change == "restore":
            self.messages.insert(*self.deleted.pop(name))
        elif change == "pin":
            message = next(message for message in self.messages if message["id"] == name)
            message["pinned"] = not message["pinned"]
        return JSONResponse(self.view())


MOVED = {"title": "The page is changing to another conversation.", "hint": "Send it again in a moment."}
METRICS = [
    {"label": "to first token", "value": "0.21 s", "hint": "Time to first token"},
    {"label": "in all", "value": "1.94 s", "hint": "Whole request"},
    {"label": "tok/s", "value": "82", "hint": "After the first token"},
    {"label": "in", "value": "34", "hint": "Tokens sent"},
    {"label": "out", "value": "143", "hint": "Tokens received"},
    {"label": "computed", "value": "$0.00012", "hint": "From list prices of 2026-11-22"},
    {"label": "", "value": "stop", "hint": "Finish reason"},
]
GAUGE = {
    "tokens": 1204,
    "window": 128000,
    "max_output": 16384,
    "share": 0.12,
    "text": "1.2k / 128k",
    "level": "ok",
    "detail": "Estimated tokens of the next request",
}
DATA = {
    "token": TOKEN,
    "conversation": "c1",
    "settings": "s1",
    "streaming": True,
    "model": "gpt-6-luna",
    "can_see": True,
    "placeholder": "",
    "starters": [
        {"title": "Explain a concept", "prompt": "Explain streaming to someone who has never seen an API."},
        {"title": "Write code", "prompt": "Write a Python function that retries with backoff, with a test."},
        {"title": "한국어로", "prompt": "스트리밍 응답이 왜 빠르게 느껴지는지 설명해 주세요."},
        {"title": "Compare", "prompt": "Compare three ways to store embeddings, as a table."},
    ],
    "draft": None,
    "notice": None,
    "readonly": False,
    "mode": "chat",
    "run": None,
    "labels": {},
}
