"""Code that counts tokens: locally with tiktoken, and exactly on the server."""

from typing import Any

from core.snippets import Snippet, SnippetOptions, arguments_source, literal, request_snippets
from core.token_analysis.analysis import TokenAnalysis
from core.token_analysis.request_parser import ParsedRequest
from core.token_analysis.server_count import count_params

_MAX_TEXT_LENGTH = 2_000
_MAX_IDS = 200


def local_snippet(analysis: TokenAnalysis) -> Snippet:
    """Return the code that counts the tokens of *analysis* locally; a long text is truncated in it."""
    lines = ["import tiktoken", "", f'encoding = tiktoken.get_encoding("{analysis.tokens.encoding}")']
    if analysis.kind == "ids":
        ids = analysis.tokens.ids[:_MAX_IDS].tolist()
        lines.append(f"print(encoding.decode({literal(ids)}))")
        return Snippet("Python", "python", "\n".join(lines))
    lines.append(f"text = {literal(analysis.text[:_MAX_TEXT_LENGTH])}")
    if analysis.options.allow_special:
        lines.append('ids = encoding.encode(text, allowed_special="all")')
    else:
        lines.append("# Special tokens in the text are plain text, as for the API.")
        lines.append("ids = encoding.encode(text, disallowed_special=())")
    return Snippet("Python", "python", "\n".join([*lines, "print(len(ids))"]))


def server_snippets(analysis: TokenAnalysis, options: SnippetOptions) -> tuple[Snippet, ...]:
    """Return the code that counts the tokens of *analysis* on the server; a long text is truncated in it."""
    truncated = {"messages": [{"role": "user", "content": analysis.text[:_MAX_TEXT_LENGTH]}]}
    request = analysis.request or ParsedRequest(truncated)
    return count_snippets(count_params(request, analysis.options.model), options)


def count_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Return the code of the request that counted *params* on the server."""
    return request_snippets(params, options, "responses/input_tokens", _count_call)


def _count_call(params: dict[str, Any], indent: str, awaiting: str) -> str:
    arguments = arguments_source(params, f"{indent}    ")
    return (
        f"{indent}count = {awaiting}client.responses.input_tokens.count(\n{arguments}{indent})\n"
        f"{indent}print(count.input_tokens)\n"
    )
