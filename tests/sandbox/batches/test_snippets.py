"""The code of a batch runs unchanged, in a folder with nothing but its files."""

import ast
from pathlib import Path

import pytest
from openai import OpenAI

from core.batches.input.request_line import RequestLine, write_lines
from core.batches.snippets import batch_snippets
from core.sandbox.server import SandboxServer
from core.snippets import Snippet, SnippetOptions
from tests.sandbox.batches.app_batches import chat_request
from tests.scripts import run_snippet

LABELS = ["Python", "Python async", "curl"]
TITLE = 'It\'s a "title" {with} $braces\\ 한글'
EMBEDDING = {"model": "text-embedding-3-small", "input": ["비", "눈"], "dimensions": 8}


def snippets(
    server: SandboxServer, folder: Path, lines: list[RequestLine], key: str | None = None
) -> dict[str, Snippet]:
    written = write_lines(folder / "requests.jsonl", lines)
    options = SnippetOptions(server.url, server.key if key is None else key)
    return {snippet.label: snippet for snippet in batch_snippets(written.url, TITLE, written.path, options)}


@pytest.mark.parametrize("label", LABELS)
def test_prints_a_result_for_each_request(
    server: SandboxServer, client: OpenAI, tmp_path: Path, label: str
) -> None:
    # A line separator of Unicode is no end of a line.
    requests = [chat_request(1, "+ 1 = ?\u2028"), chat_request(2, temperature=9), chat_request(3)]
    output = run_snippet(snippets(server, tmp_path, requests)[label], tmp_path / "run")

    assert all(f"line-{number}" in output for number in (1, 2, 3))
    assert "completed" in output
    [batch] = client.batches.list().data
    if label == "curl":
        assert '"code"' in output
        return
    assert batch.metadata == {"title": TITLE}
    starts = [output.index(f"\nline-{number}: ") for number in (1, 2, 3)]
    assert starts == sorted(starts)
    assert "line-2: failed: {" in output


@pytest.mark.parametrize("label", LABELS[:2])
def test_prints_the_results_of_other_endpoints(server: SandboxServer, tmp_path: Path, label: str) -> None:
    request = RequestLine("a", EMBEDDING, "/v1/embeddings")
    output = run_snippet(snippets(server, tmp_path, [request])[label], tmp_path / "run")
    assert output.endswith("a: 2 embeddings of 8 dimensions\n")

    request = RequestLine("a", {"model": "gpt-6-luna", "input": "count to 3"}, "/v1/responses")
    output = run_snippet(snippets(server, tmp_path, [request])[label], tmp_path / "run")
    assert "a: [[{'type': 'output_text'" in output


@pytest.mark.parametrize("label", LABELS[:2])
def test_says_why_the_input_file_was_rejected(server: SandboxServer, tmp_path: Path, label: str) -> None:
    requests = [chat_request(1), chat_request(1)]
    output = run_snippet(snippets(server, tmp_path, requests)[label], tmp_path / "run")
    assert "line 2: duplicate_custom_id: The custom_id" in output
    assert output.endswith("line-1: failed: {'code': 'missing'}\n")


@pytest.mark.parametrize("label", LABELS)
def test_reads_the_key_from_the_environment(server: SandboxServer, tmp_path: Path, label: str) -> None:
    snippet = snippets(server, tmp_path, [chat_request(1)], key="")[label]
    assert server.key not in snippet.source
    assert "line-1" in run_snippet(snippet, tmp_path / "run", OPENAI_API_KEY=server.key)


def test_comes_without_a_large_input_file(server: SandboxServer, tmp_path: Path) -> None:
    written = snippets(server, tmp_path, [chat_request(1, "x" * 1_000_000)])
    assert [snippet.files for snippet in written.values()] == [()] * 3
    (tmp_path / "requests.jsonl").unlink()
    options = SnippetOptions(server.url)
    assert batch_snippets("/v1/x", "", tmp_path / "requests.jsonl", options)[0].files == ()


@pytest.mark.parametrize("endpoint", ["/v1/responses", "/v1/moderations"])
def test_is_valid_code_for_other_endpoints(tmp_path: Path, endpoint: str) -> None:
    options = SnippetOptions("https://api.openai.com/v1")
    for snippet in batch_snippets(endpoint, TITLE, tmp_path / "input.jsonl", options)[:2]:
        ast.parse(snippet.source)
        assert f'endpoint="{endpoint}"' in snippet.source
