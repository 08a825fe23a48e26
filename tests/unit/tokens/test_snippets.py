"""The code on show counts what the page counts."""

import pytest

from core.sandbox.server import SandboxServer
from core.snippets import OPENAI_URL
from core.tokens.analysis import EncodingOptions, InputKind, analyse
from core.tokens.request_parser import EXAMPLE_REQUEST
from core.tokens.snippets import count_snippets, token_snippets


def printed(source: str, capsys: pytest.CaptureFixture[str]) -> str:
    exec(compile(source, "snippet", "exec"), {})
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("kind", "text", "special", "prints"),
    [
        pytest.param("text", 'a "quote"\n<|endoftext|>', False, "11", id="text"),
        pytest.param("text", "<|endoftext|>", True, "1", id="a special token"),
        pytest.param("ids", "24912 2375", False, "hello world", id="ids"),
    ],
)
def test_counts_here_what_it_says(
    kind: InputKind, text: str, special: bool, prints: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = analyse(kind, text, EncodingOptions("gpt-4o", allow_special=special))

    assert printed(token_snippets(found, OPENAI_URL)[0].source, capsys) == prints


def test_counts_on_the_server_what_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = analyse("request", '[{"role": "user", "content": "hello"}]', EncodingOptions("gpt-4o"))
    with SandboxServer() as server:
        monkeypatch.setenv("OPENAI_API_KEY", server.key)

        assert printed(token_snippets(found, server.url)[1].source, capsys) == "8"


def test_writes_tools_as_they_are_sent() -> None:
    source = token_snippets(analyse("request", EXAMPLE_REQUEST, EncodingOptions("gpt-4o")), OPENAI_URL)[
        1
    ].source

    assert "tools=[" in source
    compile(source, "snippet", "exec")


def test_writes_the_counting_call_for_a_shell() -> None:
    assert f"{OPENAI_URL}/responses/input_tokens" in count_snippets({"model": "m"}, OPENAI_URL)[1].source
