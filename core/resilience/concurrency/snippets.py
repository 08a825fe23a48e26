"""The code of a strategy as a script that sends the same prompts."""

from core.resilience.concurrency.strategy import Strategy
from core.resilience.script_imports import import_lines
from core.snippets import Snippet, SnippetOptions, literal

_REQUESTS = """requests = [
    {{"model": {model}, "messages": [{{"role": "user", "content": prompt}}]}}
    for prompt in (f"What is {{number}} times {{number}}?" for number in range(1, {stop}))
]
"""
_PRINT = """{indent}for result in {call}:
{indent}    print(result if isinstance(result, Exception) else result.choices[0].message.content)
"""


def example_prompts(count: int) -> list[str]:
    """Return the prompts of the experiment, which the script sends too."""
    return [f"What is {number} times {number}?" for number in range(1, count + 1)]


def strategy_snippet(
    strategy: Strategy, model: str, prompts: int, at_once: int, options: SnippetOptions
) -> Snippet:
    """Write the script of *strategy* for the first *prompts* example prompts. Loads the SDK."""
    name = "AsyncOpenAI" if strategy.is_async else "OpenAI"
    key = literal(options.api_key) if options.api_key else 'os.environ["OPENAI_API_KEY"]'
    option = f", {at_once}" if strategy.has_limit else ""
    if strategy.is_batch:
        option = ", lambda batch: print(batch.id, batch.status)"
    call = f"ask_all(client, requests{option})"
    if strategy.is_async:
        loop = _PRINT.format(indent="    ", call=f"await {call}")
        main = f"async def main() -> None:\n{loop}\n\nasyncio.run(main())\n"
    else:
        main = _PRINT.format(indent="", call=call)
    client = f"client = {name}(api_key={key}, base_url={literal(options.base_url)})\n"
    requests = _REQUESTS.format(model=literal(model), stop=prompts + 1)
    body = "\n\n".join([f"{strategy.source()}\n\n{client}{requests}", main])
    modules = (
        f"core.resilience.concurrency.strategies.{strategy.id}",
        "core.resilience.concurrency.strategies.one_request",
    )
    return Snippet(strategy.label, "python", f"{import_lines(modules, body)}\n\n\n{body}")
