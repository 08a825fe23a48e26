"""The tables behind `core.errors.explain`: what each failure means and what to do about it."""

import json
import re

import httpx2
import openai
import pydantic
from openai import _exceptions as sdk

from core.errors.types import MalformedEvent, NotOpenAICompatible, PlaygroundError, StreamError, StreamStalled

ErrorText = tuple[str, str]

_ON_SETTINGS_PAGE = "on the Settings page"
_CHECK_NETWORK = "Check the network, the address and that the server runs."
_CONNECTION_LOST = ("The connection broke off", "What had arrived is kept. Try again.")
_TIMED_OUT = (
    "No answer in time",
    f"The server was silent for too long. Try again, shorten the prompt, "
    f"or raise the timeout {_ON_SETTINGS_PAGE}.",
)
_INVALID_KEY = (
    "The API key was refused",
    f"Check the key {_ON_SETTINGS_PAGE}: it may be mistyped, revoked, or belong to another server.",
)
_NOT_COMPATIBLE = (
    "This address is not an OpenAI-compatible API",
    "Check the base URL {base_url}: most servers want it to end in /v1.",
)
_CONTEXT_TOO_LONG = (
    "The request is too long for this model",
    "Drop older messages, shorten the prompt, ask for less output, or choose a larger context window.",
)
_INVALID_REPLY = (
    "The reply does not fit the schema",
    "The server's JSON lacks something or is cut. Try again, or another model.",
)

# The nearest class wins; {base_url} and {param} are filled in.
BY_CLASS: dict[type[BaseException], ErrorText] = {
    openai.OpenAIError: ("The SDK reported a problem", "The detail says more."),
    openai.APIError: ("The server reported an error", "The detail is the server's own text. Try again."),
    openai.APIStatusError: ("The server refused the request", "The detail is the server's own text."),
    openai.APIConnectionError: ("Could not reach the server", _CHECK_NETWORK),
    openai.APITimeoutError: _TIMED_OUT,
    openai.APIResponseValidationError: _INVALID_REPLY,
    openai.BadRequestError: ("The server refused the request", "The detail names what to change in it."),
    openai.AuthenticationError: _INVALID_KEY,
    openai.OAuthError: ("The sign-in was refused", "Renew the workload credentials that the server expects."),
    openai.PermissionDeniedError: (
        "The key may not do this",
        "Its project or organisation lacks access to this model or endpoint, or the region is not supported.",
    ),
    openai.NotFoundError: ("Not found on this server", "Check the model's name and the base URL {base_url}."),
    openai.ConflictError: ("The server is busy with the same thing", "Try again in a moment."),
    openai.UnprocessableEntityError: (
        "The server could not use the request",
        "It is well formed, but a value is wrong; the detail says which.",
    ),
    openai.RateLimitError: (
        "Too many requests",
        "Wait a moment and try again, or send fewer and shorter requests.",
    ),
    openai.InternalServerError: (
        "The server had a problem",
        "It is not your request's fault as a rule. Try again in a moment.",
    ),
    openai.LengthFinishReasonError: (
        "The reply was cut before its JSON was complete",
        "Allow more output tokens, or ask for less.",
    ),
    openai.ContentFilterFinishReasonError: (
        "The reply was withheld by the content filter",
        "Reword the request.",
    ),
    openai.InvalidWebhookSignatureError: ("The webhook was not signed by this secret", "Check the secret."),
    sdk.SubjectTokenProviderError: (
        "No workload token could be had",
        "Check the identity provider's set-up.",
    ),
    sdk.WebSocketConnectionClosedError: _CONNECTION_LOST,
    sdk.WebSocketQueueFullError: ("Too much is waiting to be sent", "Send less at a time."),
    httpx2.HTTPError: ("The connection failed", _CHECK_NETWORK),
    httpx2.TimeoutException: _TIMED_OUT,
    httpx2.NetworkError: _CONNECTION_LOST,
    httpx2.ConnectError: ("Could not reach the server", _CHECK_NETWORK),
    httpx2.ProxyError: (
        "The proxy refused the connection",
        "Check HTTPS_PROXY, or name this host in NO_PROXY.",
    ),
    httpx2.RemoteProtocolError: _CONNECTION_LOST,
    httpx2.UnsupportedProtocol: (
        "This is not a web address",
        f"Give a base URL with http:// or https:// {_ON_SETTINGS_PAGE}.",
    ),
    httpx2.DecodingError: ("The reply could not be decompressed", "A proxy in between may damage replies."),
    httpx2.TooManyRedirects: ("The server redirects in circles", "Check the base URL {base_url}."),
    httpx2.StreamError: _CONNECTION_LOST,
    httpx2.InvalidURL: ("The base URL is not valid", f"Correct it {_ON_SETTINGS_PAGE}: http://host:port/v1."),
    json.JSONDecodeError: (
        "The server sent something that is not JSON",
        "What had arrived before is kept. Check the base URL {base_url}, or try again.",
    ),
    UnicodeDecodeError: (
        "The server sent text that is not UTF-8",
        "What had arrived before is kept. Try again.",
    ),
    UnicodeEncodeError: (
        "The key or a header has a character that HTTP cannot carry",
        f"Paste it again {_ON_SETTINGS_PAGE}: it must be plain letters, digits and signs, "
        "with no curly quotes.",
    ),
    pydantic.ValidationError: _INVALID_REPLY,
    ConnectionError: _CONNECTION_LOST,
    TimeoutError: _TIMED_OUT,
    PlaygroundError: ("", ""),
    NotOpenAICompatible: _NOT_COMPATIBLE,
    MalformedEvent: ("The stream broke", "What had arrived is kept. Try again."),
    StreamError: (
        "The server reported an error in the middle of its reply",
        "What had arrived is kept. Try again.",
    ),
    StreamStalled: ("The server stopped sending", "What had arrived is kept. Try again."),
}

EXPECTED_ERRORS: tuple[type[Exception], ...] = (
    openai.OpenAIError,
    openai.InvalidWebhookSignatureError,
    PlaygroundError,
    httpx2.HTTPError,
    httpx2.StreamError,
    httpx2.InvalidURL,
    json.JSONDecodeError,
    UnicodeError,
    pydantic.ValidationError,
    ConnectionError,
    TimeoutError,
)

# Codes of the API, and ours in `failures` for servers that only have a wording.
BY_CODE: dict[str, ErrorText] = {
    "insufficient_quota": (
        "The quota is used up",
        "The account has no credit left or met its spending limit: see its billing page. Waiting won't help.",
    ),
    "billing_hard_limit_reached": (
        "The spending limit is reached",
        "Raise it on the account's billing page.",
    ),
    "billing_not_active": ("Billing is not active", "Set up billing for the account."),
    "invalid_api_key": _INVALID_KEY,
    "context_length_exceeded": _CONTEXT_TOO_LONG,
    "model_not_found": (
        "This server does not have the model",
        "Choose one from the list: it may be shut down, not loaded, or not open to your key.",
    ),
    "unsupported_parameter": ("This model does not take {param}", "Leave it out, or choose another model."),
    "unsupported_value": ("This model does not take that value of {param}", "Use one that the detail names."),
    "unknown_parameter": ("The server does not know {param}", "Leave it out."),
    "missing_required_parameter": ("{param} is missing", "Add it to the request."),
    "invalid_type": ("{param} has the wrong type", "The detail says what is expected."),
    "empty_array": ("{param} is empty", "Write something to send."),
    "invalid_image_format": ("This kind of image is not supported", "Use PNG, JPEG, WebP or a still GIF."),
    "content_filter": ("The request was stopped by the content filter", "Reword it."),
    "content_policy_violation": ("The request was stopped by the content policy", "Reword it."),
    "tools_with_effort": (
        "This model takes tools only without reasoning here",
        'Set the reasoning effort to "none", or use the Responses API.',
    ),
    "json_word_missing": (
        "JSON mode wants to be asked for JSON",
        'Say "JSON" in a message or the instructions.',
    ),
    "mismatched_organization": (
        "The key belongs to another organisation",
        f"Correct the organisation {_ON_SETTINGS_PAGE}.",
    ),
    "unsupported_country_region_territory": ("The API is not offered in this region", "Use another server."),
}

BY_STATUS: dict[int, ErrorText] = {
    402: BY_CODE["insufficient_quota"],
    405: ("The server does not do this", "This endpoint is not offered here. Check the base URL {base_url}."),
    407: BY_CLASS[httpx2.ProxyError],
    408: _TIMED_OUT,
    413: ("The request is too large", "Send smaller images, files or texts."),
    415: ("The server does not take this kind of content", "It may not be able to read images or files."),
    501: ("The server has not learnt this", "It was started without this capability."),
    502: (
        "The gateway got no good answer",
        "The server behind it is down or restarting. Try again in a moment.",
    ),
    503: ("The server is overloaded or still loading", "Try again in a moment."),
    504: ("The gateway got no answer in time", "Try again in a moment."),
}

VERSION_MISSING: ErrorText = ("Not found: /v1 is probably missing", "Try {with_version} as the base URL.")
REDIRECTED: ErrorText = (
    "The server redirects elsewhere",
    "It points to {target}. Redirects are not followed, so that the key stays with its server.",
)

# Why a connection failed is only in the text of the innermost cause.
BY_CAUSE: tuple[tuple[re.Pattern[str], ErrorText], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (
            r"wrong.version.number|record layer failure|packet length too long",
            (
                "This port does not speak https",
                "Write http:// instead of https:// in the base URL {base_url}.",
            ),
        ),
        (
            r"certificate|ssl|tls",
            (
                "The server's certificate is not trusted",
                "It is self-signed, expired or for another name, or a proxy in between swaps it.",
            ),
        ),
        (
            r"name or service|getaddrinfo|nodename|name resolution|no address",
            ("No such host", "Check the spelling of {base_url} and the network."),
        ),
        (
            r"refused|connect call failed|all connection attempts failed",
            ("Nothing listens at this address", "Start the server, or correct the port in {base_url}."),
        ),
        (r"proxy", BY_CLASS[httpx2.ProxyError]),
        (r"disconnected|reset|incomplete|peer closed", _CONNECTION_LOST),
    )
)
