"""The failures that the Errors lab provokes, and how."""

from core.resilience.failures.scenario import Scenario, with_https

# A name that never exists (RFC 6761), and the port of the discard service, which nobody runs.
_UNKNOWN_HOST_URL = "https://api.openai.invalid/v1"
_CLOSED_PORT_URL = "http://127.0.0.1:9/v1"


def _streamed(id: str, label: str, preview: str) -> Scenario:
    """Return a scenario in which the first two streams have the fault *id*, after five tokens."""
    return Scenario(id, "Streams", label, preview, f"{id}*2", {"stream": True})


_RATE_LIMITS = (
    Scenario(
        "rate-limit",
        "Rate limits",
        "429 twice, then success",
        "The server refuses two requests and asks for a wait of 2 seconds each time. A client that reads "
        "Retry-After needs three requests and about 4 seconds; one that comes earlier is refused once more.",
        "429=2*2",
    ),
    Scenario(
        "rate-limit-always",
        "Rate limits",
        "429 without end",
        "The limit stays exhausted, so every policy gives up at some point: after how many requests, and how "
        "much time?",
        "429=1*always",
    ),
    Scenario(
        "quota",
        "Rate limits",
        "Quota exceeded",
        "Status 429 as well, but the account has no credit, so no retry helps. Only the code tells it from a "
        "rate limit, and the SDK does not look at the code.",
        "insufficient_quota",
    ),
)
_STATUSES = (
    Scenario(
        "wrong-key",
        "Statuses",
        "401 wrong API key",
        "An AuthenticationError at once. A retry with the same key fails in the same way.",
        "401",
        api_key="sk-incorrect",
        works_everywhere=True,
    ),
    Scenario(
        "unknown-model",
        "Statuses",
        "404 unknown model",
        "A NotFoundError with the code model_not_found. No retry helps: the name has to be changed.",
        params={"model": "no-such-model"},
        works_everywhere=True,
    ),
    Scenario(
        "context",
        "Statuses",
        "400 context too long",
        "A prompt of about 160,000 tokens for gpt-4o-mini, which takes 128,000: a BadRequestError with the "
        "code context_length_exceeded. No retry helps.",
        params={"model": "gpt-4o-mini"},
        prompt_repeats=40_000,
        works_on_openai=True,
    ),
    *(
        Scenario(fault.partition("*")[0], "Statuses", label, preview, fault)
        for fault, label, preview in (
            ("403", "403 country not supported", "A PermissionDeniedError. No retry helps."),
            ("408*2", "408 request timeout", "The server gave up waiting, twice. The SDK retries it."),
            ("409*2", "409 conflict", "A ConflictError, twice. The SDK retries it."),
            ("413", "413 request too large", "The SDK has no class for 413: a plain APIStatusError."),
            ("415", "415 wrong content type", "The SDK has no class for 415: a plain APIStatusError."),
            ("422", "422 unprocessable", "An UnprocessableEntityError. No retry helps."),
            ("500*2", "500 server error", "An InternalServerError, twice, without Retry-After."),
            ("502*2", "502 page of a gateway", "HTML instead of JSON, twice: an error without a code."),
            ("503*2", "503 overloaded", "The model is overloaded, twice. The SDK retries it."),
            ("504*always", "504 gateway timeout", "The gateway times out each time: every policy gives up."),
        )
    ),
)
_TOOL = {
    "type": "function",
    "function": {"name": "count", "parameters": {"type": "object", "properties": {}}},
}
_TIFF = {"type": "image_url", "image_url": {"url": "data:image/tiff;base64,SUkqAAgAAAAAAA=="}}
_REQUESTS = tuple(
    Scenario(
        id,
        "Requests",
        label,
        f"{preview}: a BadRequestError. No retry helps, the request has to be changed.",
        params=params,
        works_on_openai=True,
    )
    for id, label, preview, params in (
        (
            "unknown-parameter",
            "Unknown parameter",
            "The name of a parameter is misspelt, which only the server can notice, as it is in extra_body",
            {"extra_body": {"temprature": 1}},
        ),
        (
            "unsupported-parameter",
            "Unsupported parameter",
            "A model that reasons does not know max_tokens, and the message names what replaces it",
            {"model": "gpt-5", "max_tokens": 100},
        ),
        (
            "unsupported-value",
            "Unsupported value",
            "A model that reasons accepts no temperature but 1",
            {"model": "gpt-5", "temperature": 0.2},
        ),
        (
            "invalid-type",
            "Wrong type",
            "The temperature is a text, which the SDK does not check before it sends the request",
            {"temperature": "hot"},
        ),
        ("empty-array", "No messages", "The list of messages is empty", {"messages": []}),
        (
            "json-word",
            "JSON mode without “JSON”",
            "JSON mode requires the word JSON in a message, and the error has no code",
            {"response_format": {"type": "json_object"}},
        ),
        (
            "tools-with-effort",
            "Tools with reasoning",
            "This model supports tools together with reasoning only in the Responses API",
            {"model": "gpt-6-luna", "tools": [_TOOL], "reasoning_effort": "low"},
        ),
        (
            "image-format",
            "Image as TIFF",
            "The image is in a format that no model reads",
            {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": [_TIFF]}]},
        ),
    )
)
_TIME_OUTS = (
    Scenario(
        "timeout",
        "Time-outs",
        "Client timeout",
        "Two replies take 5 seconds, and the client waits 1: an APITimeoutError, which the SDK retries. The "
        "server does not know of it, and may charge for each request.",
        "slow=5*2",
        timeout=1.0,
    ),
    Scenario(
        "slow",
        "Time-outs",
        "Slow first token",
        "The first token comes after 3 seconds, within the timeout. No error: only the person notices.",
        "slow=3",
        {"stream": True},
    ),
    Scenario(
        "stall",
        "Time-outs",
        "Stall within a stream",
        "Two streams pause after five tokens, for longer than the timeout of 1 second. The SDK raises an "
        "error and does not retry, because it has handed out a part of the reply already.",
        "stall=5*2",
        {"stream": True},
        timeout=1.0,
    ),
)
_STREAMS = (
    _streamed(
        "truncate",
        "Stream without an end",
        "Two streams end after five tokens, without a finish reason or [DONE]. The SDK raises nothing: code "
        "that does not check the finish reason takes the beginning for the whole reply.",
    ),
    _streamed(
        "half-event",
        "Half an event",
        "Two streams end in the middle of an event. The SDK ignores the half and raises nothing.",
    ),
    _streamed(
        "disconnect",
        "Lost connection",
        "The connection is reset after five tokens, twice: an APIConnectionError, which the SDK does not "
        "retry within a reply.",
    ),
    _streamed(
        "malformed",
        "Malformed event",
        "An event has invalid JSON. What arrives is a JSONDecodeError, which is not an OpenAIError.",
    ),
    _streamed(
        "empty-event",
        "Empty event",
        "An event has no data. What arrives is a JSONDecodeError, which is not an OpenAIError.",
    ),
    _streamed(
        "null-choices",
        "Chunk without choices",
        "The choices of a chunk are null: code that reads choices[0] of each fails, this code does not.",
    ),
    _streamed(
        "error-event",
        "Error event",
        "A stream that began with status 200 reports an error: an APIError without a status.",
    ),
    _streamed(
        "flat-error",
        "Error event of vLLM",
        "The same without an error object: the SDK does not recognise it, and the reply just ends.",
    ),
)
_NOT_AN_API = (
    Scenario(
        "html",
        "Not the API",
        "HTML with status 200",
        "A web page instead of JSON, as from a proxy. The SDK returns it as a str, without an error.",
        "html-200",
    ),
    Scenario(
        "html-stream",
        "Not the API",
        "HTML instead of a stream",
        "The same page for a streamed request: a stream without a single chunk, and no error.",
        "html-200",
        {"stream": True},
    ),
    Scenario(
        "content-type",
        "Not the API",
        "JSON as text/plain",
        "A correct body with the wrong content type. The SDK parses it all the same: no error.",
        "content-type",
    ),
    Scenario(
        "wrong-path",
        "Not the API",
        "Base URL without /v1",
        "A NotFoundError whose body says nothing of models: the path is wrong.",
        base_url=lambda url: url.rstrip("/").rpartition("/")[0],
        works_everywhere=True,
    ),
)
_CONNECTIONS = (
    Scenario(
        "refused",
        "Connections",
        "No server at this port",
        "Connection refused: an APIConnectionError, whose cause has the reason. The SDK retries it.",
        base_url=lambda _url: _CLOSED_PORT_URL,
        api_key="none",
        works_everywhere=True,
    ),
    Scenario(
        "dns",
        "Connections",
        "Unknown host",
        "The name has no address: an APIConnectionError, whose cause has the reason.",
        base_url=lambda _url: _UNKNOWN_HOST_URL,
        api_key="none",
        works_everywhere=True,
    ),
    Scenario(
        "tls",
        "Connections",
        "https:// for http://",
        "The TLS handshake fails: an APIConnectionError, whose cause has the reason.",
        base_url=with_https,
        works_everywhere=True,
    ),
)
SCENARIOS = (*_RATE_LIMITS, *_STATUSES, *_REQUESTS, *_TIME_OUTS, *_STREAMS, *_NOT_AN_API, *_CONNECTIONS)


def find_scenario(scenario_id: str) -> Scenario:
    """Return the scenario with this id, or the first one."""
    return next((scenario for scenario in SCENARIOS if scenario.id == scenario_id), SCENARIOS[0])
