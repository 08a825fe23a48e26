"""Every method of files and batches, with the synchronous and the asynchronous client of the SDK."""

import asyncio
import json
from inspect import isawaitable
from pathlib import Path
from typing import Any

import pytest
from openai import APIStatusError, AsyncOpenAI, OpenAI

from tests.sandbox.batches.input_files import CHAT, ENDED, request_line


@pytest.fixture(params=["sync", "async"])
def sdk(request: pytest.FixtureRequest, client: OpenAI, async_client: AsyncOpenAI) -> Any:
    return client if request.param == "sync" else async_client


async def result(value: Any) -> Any:
    return await value if isawaitable(value) else value


async def items(page: Any) -> list[Any]:
    """Return the objects of all pages, which either client requests as they are needed."""
    return [item async for item in page] if hasattr(page, "__aiter__") else list(page)


async def upload(sdk: Any, lines: int = 1) -> Any:
    content = "".join(f"{json.dumps(request_line(number))}\n" for number in range(lines)).encode()
    return await result(sdk.files.create(file=("input.jsonl", content), purpose="batch"))


async def create(sdk: Any, file_id: str, **params: Any) -> Any:
    params = {"endpoint": CHAT, "completion_window": "24h", **params}
    return await result(sdk.batches.create(input_file_id=file_id, **params))


async def ended(sdk: Any, batch_id: str) -> Any:
    async with asyncio.timeout(60):
        while (batch := await result(sdk.batches.retrieve(batch_id))).status not in ENDED:
            await asyncio.sleep(0.02)
    return batch


async def test_follows_a_batch_from_its_file_to_its_results(sdk: Any, tmp_path: Path) -> None:
    file = await upload(sdk, 3)
    assert (file.purpose, file.status, file.filename) == ("batch", "processed", "input.jsonl")
    assert (await result(sdk.files.wait_for_processing(file.id))).id == file.id
    expiry = {"anchor": "created_at", "seconds": 3_600}
    created = await create(sdk, file.id, metadata={"run": "7"}, output_expires_after=expiry)
    assert (created.object, created.metadata, created.completion_window) == ("batch", {"run": "7"}, "24h")
    assert created.expires_at == created.created_at + 24 * 3600
    batch = await ended(sdk, created.id)
    assert (batch.status, batch.metadata, batch.errors) == ("completed", {"run": "7"}, None)

    output = await result(sdk.files.retrieve(batch.output_file_id))
    assert (output.purpose, output.filename) == ("batch_output", f"{batch.id}_output.jsonl")
    assert output.expires_at == output.created_at + 3_600
    content = await result(sdk.files.content(output.id))
    content.write_to_file(tmp_path / "output.jsonl")
    assert (tmp_path / "output.jsonl").stat().st_size == output.bytes == len(content.content)
    assert len(content.text.splitlines()) == 3


async def test_lists_in_pages_and_deletes(sdk: Any) -> None:
    files = [await upload(sdk) for _ in range(3)]
    batches = [await create(sdk, file.id) for file in files]
    assert [batch.id for batch in await items(await result(sdk.batches.list(limit=2)))] == [
        batch.id for batch in batches[::-1]
    ]
    page = await result(sdk.files.list(limit=2, purpose="batch", order="asc"))
    assert [file.id for file in await items(page)] == [file.id for file in files]
    for batch in batches:
        await ended(sdk, batch.id)
    deleted = await result(sdk.files.delete(files[0].id))
    assert (deleted.id, deleted.deleted) == (files[0].id, True)
    page = await result(sdk.files.list(purpose="batch"))
    assert len(page.data) == 2


async def test_cancels(sdk: Any) -> None:
    file = await upload(sdk)
    batch = await create(sdk, file.id, extra_headers={"x-sandbox-batch-speed": "1"})
    cancelling = await result(sdk.batches.cancel(batch.id))
    assert (cancelling.status, cancelling.id) == ("cancelling", batch.id)
    assert cancelling.cancelling_at
    # A second request changes nothing.
    assert (await result(sdk.batches.cancel(batch.id))).cancelling_at == cancelling.cancelling_at


ERRORS: dict[str, tuple[int, Any]] = {
    "unknown batch": (404, lambda sdk: sdk.batches.retrieve("batch_x")),
    "unknown batch to cancel": (404, lambda sdk: sdk.batches.cancel("batch_x")),
    "unknown file": (404, lambda sdk: sdk.files.retrieve("file-x")),
    "content of an unknown file": (404, lambda sdk: sdk.files.content("file-x")),
    "unknown file to delete": (404, lambda sdk: sdk.files.delete("file-x")),
    "unknown cursor": (404, lambda sdk: sdk.batches.list(after="batch_x")),
    "invalid limit": (400, lambda sdk: sdk.batches.list(limit=0)),
    "other extension": (400, lambda sdk: sdk.files.create(file=("a.csv", b"x"), purpose="batch")),
}


@pytest.mark.parametrize("case", ERRORS)
async def test_answers_with_the_errors_of_the_api(sdk: Any, case: str) -> None:
    status, call = ERRORS[case]
    with pytest.raises(APIStatusError) as caught:
        await items(await result(call(sdk)))
    assert caught.value.status_code == status
    assert isinstance(caught.value.body, dict)
    assert {"message", "type", "param", "code"} <= caught.value.body.keys()


async def test_streams_the_content_of_a_file(sdk: Any) -> None:
    file = await upload(sdk, 50)
    streaming = sdk.files.with_streaming_response.content(file.id)
    if isinstance(sdk, OpenAI):
        with streaming as response:
            parts = list(response.iter_bytes(1_000))
    else:
        async with streaming as response:
            parts = [part async for part in response.iter_bytes(1_000)]
    assert len(b"".join(parts)) == file.bytes
    assert max(map(len, parts)) == 1_000
