"""A stub of the app's live routes: a conversation in memory, whose messages select their replies."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from components.asgi.static_files import ScriptFiles
from core.paths import ROOT
from tests.e2e.live.stub_page import CONFLICT, CONTEXT_USAGE, CSP, METRICS, TOKEN, page_html

ASSETS = ROOT / "components" / "live" / "assets"

Step = tuple[float, dict[str, Any]]
"""Seconds to wait, and the event that follows."""


@dataclass
class StubRun:
    """A reply in progress: its steps, and the events so far, which readers may replay."""

    id: str
    message: dict[str, Any]
    steps: list[Step]
    disconnect_after: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    updated: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False

    @property
    def is_complete(self) -> bool:
        return bool(self.message["run"]["metrics"])


@dataclass
class LiveStub:
    """The conversation and what becomes of the requests.

    *scripts* maps the text of a message to the steps of its reply, *endings* to changes of the run at its
    end, and *disconnects* to the number of events after which its connection breaks once.
    """

    data: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    scripts: dict[str, list[Step]] = field(default_factory=dict)
    endings: dict[str, dict[str, Any]] = field(default_factory=dict)
    disconnects: dict[str, int] = field(default_factory=dict)
    sends: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    undone_keys: list[str] = field(default_factory=list)
    runs: dict[str, StubRun] = field(default_factory=dict)
    context_usage: str = "1.2k / 128k"
    conversation: str = "c1"
    refuses_sends: bool = False
    branch_changed: bool = False
    deleted: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def app(self) -> Starlette:
        live = [
            Route("/transcript", self._transcript),
            Route("/send", self._send, methods=["POST"]),
            Route("/sends/{key}/undo", self._undo, methods=["POST"]),
            Route("/context-usage", self._context_usage, methods=["POST"]),
            Route("/runs/{run}", self._follow),
            Route("/runs/{run}/stop", self._stop, methods=["POST"]),
            Route("/messages/{message}/{change}", self._change, methods=["POST"]),
            Mount("/assets", ScriptFiles(ASSETS)),
        ]
        return Starlette(routes=[Route("/", self._page), Mount("/live", routes=live)])

    def message(self, role: str, text: str, **changes: Any) -> dict[str, Any]:
        """A message as the transcript route sends it, not added to the conversation."""
        name = f"m{next(self._numbers)}"
        content = {"id": name, "role": role, "text": text, "images": [], "pinned": False, "siblings": [name]}
        return content | {"created": "2026-11-23T10:00:00Z", "run": None, "dropped": False} | changes

    def state(self) -> dict[str, Any]:
        """The transcript as its route sends it."""
        tokens = {"label": "tokens", "value": "1,204", "hint": "in 900, out 304"}
        cost = {"label": "Cost", "value": "$0.0004", "hint": "From list prices", "label_first": True}
        return {
            "conversation": {"id": self.conversation, "title": "Stub"},
            "messages": self.messages,
            "running": next((run.id for run in self.runs.values() if not run.is_complete), None),
            "totals": [tokens, cost] if self.messages else [],
        }

    async def _page(self, request: Request) -> Response:
        html = page_html(request.query_params.get("theme", "light"), self.data)
        return HTMLResponse(html, headers={"content-security-policy": CSP})

    async def _transcript(self, request: Request) -> Response:
        assert request.headers["x-live-token"] == TOKEN
        if request.query_params["conversation"] != self.conversation:
            return JSONResponse(CONFLICT, 409)
        return JSONResponse(self.state())

    async def _context_usage(self, request: Request) -> Response:
        body = await request.json()
        return JSONResponse(CONTEXT_USAGE | {"text": f"{self.context_usage}, draft of {len(body['text'])}"})

    async def _send(self, request: Request) -> Response:
        body = await request.json()
        self.sends.append(body)
        if body["conversation"] != self.conversation:
            return JSONResponse(CONFLICT, 409)
        if self.refuses_sends:
            return JSONResponse({"title": "No connection is chosen.", "hint": "Choose one in Settings."}, 400)
        user, run = self._start_run(body)
        start = {"t": "start", "run": run.id, "user": user, "assistant": run.message}
        return StreamingResponse(self._lines(run, start, after=0, disconnect_after=run.disconnect_after))

    def _start_run(self, body: dict[str, Any]) -> tuple[dict[str, Any] | None, StubRun]:
        at = next((i for i, message in enumerate(self.messages) if message["id"] == body["message"]), None)
        self.messages = self.messages[:at]
        text = body["text"]
        user = self.message("user", text) if body["action"] in {"send", "edit"} else None
        name = f"r{len(self.runs)}"
        run_json = {
            "id": name,
            "state": "running",
            "model": "gpt-6-luna",
            "reasoning": "",
            "metrics": [],
            "note": "",
        }
        reply = self.message("assistant", "", run=run_json | {"error": None, "can_continue": False})
        self.messages += [user, reply] if user else [reply]
        steps = self.scripts.get(text) or [(0.0, {"t": "text", "s": f"You said: {text}"})]
        run = StubRun(name, reply, steps, self.disconnects.get(text, 0))
        self.runs[name] = run
        task = asyncio.create_task(self._play(run, self.endings.get(text, {})))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return user, run

    async def _play(self, run: StubRun, ending: dict[str, Any]) -> None:
        for wait, event in run.steps:
            if run.stopped:
                break
            if wait:
                await asyncio.sleep(wait)
            run.events.append(event | {"n": len(run.events) + 1})
            run.updated.set()
        text = "".join(event["s"] for event in run.events if event["t"] == "text")
        state = {"state": "stopped" if run.stopped else "done", "metrics": METRICS}
        run.message |= {"text": text, "run": run.message["run"] | state | ending}
        run.updated.set()

    async def _lines(
        self, run: StubRun, start: dict[str, Any] | None, after: int, disconnect_after: int = 0
    ) -> AsyncIterator[str]:
        if start:
            yield json.dumps(start) + "\n"
        while after < len(run.events) or not run.is_complete:
            batch = run.events[after : after + (disconnect_after or len(run.events))]
            yield "".join(json.dumps(event) + "\n" for event in batch)
            after += len(batch)
            if disconnect_after and after >= disconnect_after:
                return
            if after == len(run.events) and not run.is_complete:
                run.updated.clear()
                await run.updated.wait()
        message = None if self.branch_changed else run.message
        yield json.dumps({"t": "end", "message": message, "totals": self.state()["totals"]}) + "\n"

    async def _follow(self, request: Request) -> Response:
        run = self.runs[request.path_params["run"]]
        return StreamingResponse(self._lines(run, None, int(request.query_params["after"])))

    async def _stop(self, request: Request) -> Response:
        self.runs[request.path_params["run"]].stopped = True
        return JSONResponse({"stopped": True})

    async def _undo(self, request: Request) -> Response:
        self.undone_keys.append(request.path_params["key"])
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
        return JSONResponse(self.state())
