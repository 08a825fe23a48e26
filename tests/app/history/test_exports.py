"""The file of runs that a browser downloads."""

import json
from dataclasses import replace

import httpx2
from starlette.applications import Starlette

from components.history import exports
from components.history.routes import history_routes
from components.runtime import resources
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.runs.run import Run, RunState
from core.storage.run_repository import insert_runs

RUN = Run("chat", "chat.completions.create", {"model": "m", "messages": []}, state=RunState.DONE)


async def test_streams_all_runs_newest_first() -> None:
    store, many = resources.store(), [replace(RUN, id=f"{number:032x}") for number in range(250)]
    store.write(lambda connection: insert_runs(connection, resources.OWNER, many))
    HistoryIndexer(store).catch_up(30)
    exports._exports["id"] = HistoryFilter(capabilities=["chat"])

    transport = httpx2.ASGITransport(Starlette(routes=history_routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://app") as client:
        response, unknown = await client.get("/id"), await client.get("/guess")

    assert response.headers["content-disposition"] == 'attachment; filename="history.jsonl"'
    assert [json.loads(line)["id"] for line in response.text.splitlines()] == [run.id for run in many[::-1]]
    assert unknown.status_code == 404
