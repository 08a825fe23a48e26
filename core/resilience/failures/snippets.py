"""The code of a policy as a script that meets the same failure."""

from typing import Any

from core.resilience.failures.experiment import PROMPT, RetryExperiment
from core.resilience.failures.policy import Policy
from core.resilience.failures.scenario import DEFAULT_TIMEOUT
from core.resilience.script_imports import import_lines
from core.snippets import Expression, Snippet, SnippetOptions, literal

_SYNC_CALL = "print(ask(client, request))\n"
_ASYNC_CALL = """async def main() -> None:
    print(await ask_async(client, request))


asyncio.run(main())
"""


def policy_snippet(policy: Policy, experiment: RetryExperiment, options: SnippetOptions) -> Snippet:
    """Write the script of *policy* for the failure, client and request of *experiment*. Loads the SDK."""
    is_async = experiment.is_async
    parts = [
        policy.source(is_async=is_async),
        f"{_client(experiment, options)}\nrequest = {literal(_request(experiment))}",
        _ASYNC_CALL if is_async else _SYNC_CALL,
    ]
    body = "\n\n".join(f"{part.strip()}\n" for part in parts)
    modules = (
        f"core.resilience.failures.policies.{policy.module}",
        "core.resilience.failures.policies.replies",
    )
    return Snippet(policy.label, "python", f"{import_lines(modules, body)}\n\n\n{body}")


def _client(experiment: RetryExperiment, options: SnippetOptions) -> str:
    scenario = experiment.scenario
    key = scenario.api_key or options.api_key
    arguments = [
        f"api_key={literal(key)}" if key else 'api_key=os.environ["OPENAI_API_KEY"]',
        f"base_url={literal(scenario.base_url(options.base_url))}",
        *([f"timeout={scenario.timeout:g}"] if scenario.timeout != DEFAULT_TIMEOUT else []),
    ]
    return f"client = {'AsyncOpenAI' if experiment.is_async else 'OpenAI'}({', '.join(arguments)})"


def _request(experiment: RetryExperiment) -> dict[str, Any]:
    request = experiment.request()
    if (repeats := experiment.scenario.prompt_repeats) > 1:
        content = Expression(f"{literal(PROMPT)} * {repeats:_}")
        request["messages"] = [{"role": "user", "content": content}]
    if headers := request.get("extra_headers"):
        # A new name each time that the script runs: the sandbox counts the requests of each.
        request["extra_headers"] = {**headers, "x-sandbox-scenario": Expression("uuid.uuid4().hex")}
    return request
