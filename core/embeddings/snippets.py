"""An embeddings request as code that runs as it is."""

from typing import Any

from core.snippets import Snippet, client_arguments, curl_command, import_lines, literal

# With more texts than these, the code reads them from a file.
_MAX_INLINE_INPUTS = 50
_FILE = "input.json"


def embedding_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the call with *params* as sync Python, async Python and curl. None of them contains the key."""
    # The SDK requests base64 and decodes it by itself.
    params = {name: value for name, value in params.items() if name != "encoding_format"}
    modules = ("json", "os", "pathlib") if _is_long(params) else ("os",)
    python = (
        f"{import_lines('OpenAI', *modules)}\nclient = OpenAI({client_arguments(base_url)})\n\n"
        f"response = client.embeddings.create(\n{_call_arguments(params, 4)})\n{_print('')}"
    )
    python_async = (
        f"{import_lines('AsyncOpenAI', 'asyncio', *modules)}\n"
        f"client = AsyncOpenAI({client_arguments(base_url)})\n\n\n"
        "async def main() -> None:\n"
        f"    response = await client.embeddings.create(\n{_call_arguments(params, 8)}    )\n"
        f"{_print('    ')}\n\n"
        "asyncio.run(main())\n"
    )
    curl = curl_command(params, base_url, "embeddings")
    if _is_long(params):
        curl = curl.partition("  --data-binary")[0] + "  --data-binary @request.json\n"
    return (
        Snippet("Python", "python", python),
        Snippet("Python async", "python", python_async),
        Snippet("curl", "bash", curl),
    )


def _call_arguments(params: dict[str, Any], indent: int) -> str:
    arguments = {name: literal(value, indent) for name, value in params.items() if name != "input"}
    arguments["input"] = (
        f'json.loads(Path("{_FILE}").read_text())' if _is_long(params) else literal(params["input"], indent)
    )
    return "".join(f"{' ' * indent}{name}={value},\n" for name, value in arguments.items())


def _is_long(params: dict[str, Any]) -> bool:
    return len(params["input"]) > _MAX_INLINE_INPUTS


def _print(indent: str) -> str:
    return (
        f'{indent}print(len(response.data), "embeddings of", len(response.data[0].embedding), "dimensions")\n'
    )
