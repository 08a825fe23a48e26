"""Files: upload, list, content and deletion, with the SDK."""

import pytest
from openai import APIStatusError, AsyncOpenAI, BadRequestError, NotFoundError, OpenAI

from core.sandbox.server import SandboxServer


def test_returns_the_content_of_a_file(client: OpenAI) -> None:
    file = client.files.create(file=("메모.txt", "내용".encode()), purpose="user_data")
    assert (file.filename, file.bytes, file.expires_at) == ("메모.txt", 6, None)
    assert client.files.content(file.id).text == "내용"
    assert client.files.retrieve(file.id) == file
    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError):
        client.files.content(file.id)


async def test_uploads_with_the_asynchronous_client(async_client: AsyncOpenAI) -> None:
    file = await async_client.files.create(file=("a.jsonl", b"{}\n"), purpose="batch")
    assert file.expires_at == file.created_at + 30 * 24 * 3600
    assert (await async_client.files.content(file.id)).content == b"{}\n"


def test_lists_files_in_pages(client: OpenAI) -> None:
    ids = [client.files.create(file=("a.txt", b"x"), purpose="evals").id for _ in range(3)]
    client.files.create(file=("a.jsonl", b"x"), purpose="batch")
    page = client.files.list(limit=2, purpose="evals")
    assert ([file.id for file in page.data], page.has_more) == ([ids[2], ids[1]], True)
    assert [file.id for file in client.files.list(limit=2, purpose="evals", order="asc")] == ids


def test_sets_the_time_of_expiry(client: OpenAI) -> None:
    file = client.files.create(
        file=("a.txt", b"x"), purpose="evals", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert file.expires_at == file.created_at + 3600


def test_refuses_other_names_and_purposes(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match=r"Must be \.jsonl"):
        client.files.create(file=("a.txt", b"{}"), purpose="batch")
    with pytest.raises(BadRequestError, match="Supported values"):
        client.files.create(file=("a.txt", b"{}"), purpose="other")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "limit", ["simulation.middleware.MAX_UPLOAD_BYTES", "routes.files._MAX_BATCH_FILE_BYTES"]
)
def test_refuses_a_file_that_is_too_large(
    client: OpenAI, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"core.sandbox.{limit}", 10)
    with pytest.raises(APIStatusError) as caught:
        client.files.create(file=("a.jsonl", b"x" * 11), purpose="batch")
    assert caught.value.status_code == 413


def test_shows_files_to_their_owner_only(client: OpenAI, server: SandboxServer) -> None:
    file_id = client.files.create(file=("a.txt", b"x"), purpose="evals").id
    other = client.with_options(api_key=server.create_client_key())
    assert other.files.list().data == []
    with pytest.raises(NotFoundError):
        other.files.delete(file_id)
    first, second = (client.with_options(api_key=server.create_client_key("person")) for _ in range(2))
    shared = first.files.create(file=("a.txt", b"x"), purpose="evals").id
    assert second.files.retrieve(shared).id == shared


def test_shows_the_files_of_copied_code_to_the_user_of_the_app() -> None:
    with SandboxServer.embedded(data_owner="person") as server:
        copied_code = OpenAI(base_url=server.url, api_key="sandbox")
        app = copied_code.with_options(api_key=server.create_client_key("person"))

        file_id = copied_code.files.create(file=("a.txt", b"x"), purpose="evals").id

        assert app.files.retrieve(file_id).id == file_id
        assert not copied_code.with_options(api_key=server.key).files.list().data
