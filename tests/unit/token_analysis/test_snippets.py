"""The code counts what the page counts."""

import pytest

from core.client.profile import OPENAI_URL
from core.snippets import SnippetOptions
from core.token_analysis.analysis import EncodingOptions, InputKind, analyse
from core.token_analysis.request_parser import EXAMPLE_REQUEST
from core.token_analysis.snippets import count_snippets, local_snippet, server_snippets


def run_and_capture(source: str, capsys: pytest.CaptureFixture[str]) -> str:
    exec(compile(source, "snippet", "exec"), {})
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("kind", "text", "allow_special", "output"),
    [
        pytest.param("text", 'a "quote"\n<|endoftext|>', False, "11", id="text"),
        pytest.param("text", "<|endoftext|>", True, "1", id="a special token"),
        pytest.param("ids", "24912 2375", False, "hello world", id="ids"),
    ],
)
def test_counts_locally(
    kind: InputKind, text: str, allow_special: bool, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    analysis = analyse(kind, text, EncodingOptions("gpt-4o", allow_special=allow_special))

    assert run_and_capture(local_snippet(analysis).source, capsys) == output


def test_includes_the_tools_of_a_request() -> None:
    analysis = analyse("request", EXAMPLE_REQUEST, EncodingOptions("gpt-4o"))
    source = server_snippets(analysis, SnippetOptions(OPENAI_URL))[0].source

    assert "tools=[" in source
    compile(source, "snippet", "exec")


def test_returns_a_shell_command_for_the_count() -> None:
    curl = count_snippets({"model": "m"}, SnippetOptions(OPENAI_URL))[-1]

    assert f"{OPENAI_URL}/responses/input_tokens" in curl.source
