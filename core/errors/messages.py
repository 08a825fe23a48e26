"""The title and hint of every error: by class, by code, by HTTP status, by cause of a failed connection.

A title says what happened, a hint what to do. `explain` fills in `{param}`, `{base_url}` and the like.
"""

import json
import re

import httpx2
import openai
import pydantic
from openai import _exceptions as sdk

from core.errors.types import MalformedEvent, NotOpenAICompatible, PlaygroundError, StreamError

ErrorText = tuple[str, str]

_ON_SETTINGS_PAGE = "on the Settings page"
_TRY_AGAIN = "{kept}Try again."
_CHECK_NETWORK = "Check the network, the address, and that the server is running."
_CONNECTION_LOST = ("The connection was lost", _TRY_AGAIN)
_TIMED_OUT = (
    "The request timed out",
    "{kept}The server sent no part of a reply within the read timeout; comments and single bytes "
    f"do not count. Try again, shorten the prompt, or raise the timeout {_ON_SETTINGS_PAGE}.",
)
_INVALID_KEY = (
    "The API key was rejected",
    f"Check the key {_ON_SETTINGS_PAGE}: it may be mistyped, revoked, or belong to another server.",
)
_NOT_COMPATIBLE = (
    "This address is not an OpenAI-compatible API",
    "Check the base URL {base_url}{version_advice}.",
)
_CONTEXT_TOO_LONG = (
    "The request is too long for this model",
    "Remove older messages, shorten the prompt, request less output, or choose a larger context window.",
)
_INVALID_REPLY = (
    "The reply does not match the schema",
    "The server's JSON is incomplete or truncated. Try again, or use another model.",
)

# The nearest ancestor in this table applies.
BY_CLASS: dict[type[BaseException], ErrorText] = {
    openai.OpenAIError: ("The SDK reported an error", "See the detail."),
    openai.APIError: ("The server reported an error", "The detail is the server's message. Try again."),
    openai.APIStatusError: ("The server rejected the request", "The detail is the server's message."),
    openai.APIConnectionError: ("Could not reach the server", _CHECK_NETWORK),
    openai.APITimeoutError: _TIMED_OUT,
    openai.APIResponseValidationError: _INVALID_REPLY,
    openai.BadRequestError: ("The server rejected the request", "The detail says what to change."),
    openai.AuthenticationError: _INVALID_KEY,
    openai.OAuthError: ("Authentication failed", "Renew the workload credentials that the server expects."),
    openai.PermissionDeniedError: (
        "Permission denied",
        "The key's project or organization has no access to this model or endpoint, "
        "or the region is not supported.",
    ),
    openai.NotFoundError: ("Not found on this server", "Check the model name and the base URL {base_url}."),
    openai.ConflictError: ("Conflict with another request", "Try again in a moment."),
    openai.UnprocessableEntityError: (
        "The server could not process the request",
        "The request is well formed, but a value is invalid: see the detail.",
    ),
    openai.RateLimitError: (
        "Too many requests",
        "Wait a moment and try again, or send fewer and shorter requests.",
    ),
    openai.InternalServerError: (
        "Internal server error",
        "The request is usually not the cause. Try again in a moment.",
    ),
    openai.LengthFinishReasonError: (
        "The reply was truncated before its JSON was complete",
        "Raise the output token limit, or request less.",
    ),
    openai.ContentFilterFinishReasonError: (
        "The reply was blocked by the content filter",
        "Rephrase the request.",
    ),
    openai.InvalidWebhookSignatureError: ("Invalid webhook signature", "Check the webhook secret."),
    sdk.SubjectTokenProviderError: (
        "Could not get a workload identity token",
        "Check the configuration of the identity provider.",
    ),
    sdk.WebSocketConnectionClosedError: _CONNECTION_LOST,
    sdk.WebSocketQueueFullError: ("The send queue is full", "Send less at a time."),
    httpx2.HTTPError: ("The connection failed", _CHECK_NETWORK),
    httpx2.TimeoutException: _TIMED_OUT,
    httpx2.NetworkError: _CONNECTION_LOST,
    httpx2.ConnectError: ("Could not reach the server", _CHECK_NETWORK),
    httpx2.ProxyError: (
        "The proxy refused the connection",
        "Check HTTPS_PROXY, or add this host to NO_PROXY.",
    ),
    httpx2.RemoteProtocolError: _CONNECTION_LOST,
    httpx2.UnsupportedProtocol: (
        "Unsupported URL scheme",
        f"Enter a base URL with http:// or https:// {_ON_SETTINGS_PAGE}.",
    ),
    httpx2.DecodingError: ("The reply could not be decompressed", "A proxy may have altered the reply."),
    httpx2.TooManyRedirects: ("Too many redirects", "Check the base URL {base_url}."),
    httpx2.StreamError: _CONNECTION_LOST,
    httpx2.InvalidURL: (
        "The base URL is not valid",
        f"Correct it {_ON_SETTINGS_PAGE}: http://host:port/v1.",
    ),
    json.JSONDecodeError: (
        "The server sent invalid JSON",
        "{kept}Check the base URL {base_url}, or try again.",
    ),
    UnicodeDecodeError: ("The server sent text that is not UTF-8", _TRY_AGAIN),
    UnicodeEncodeError: (
        "The key or a header has a character that HTTP headers do not allow",
        f"Paste it again {_ON_SETTINGS_PAGE}: use only plain letters, digits and symbols, no curly quotes.",
    ),
    pydantic.ValidationError: _INVALID_REPLY,
    ConnectionError: _CONNECTION_LOST,
    TimeoutError: _TIMED_OUT,
    PlaygroundError: ("", ""),
    NotOpenAICompatible: _NOT_COMPATIBLE,
    MalformedEvent: ("The stream is malformed", _TRY_AGAIN),
    StreamError: ("The server reported an error in its reply", _TRY_AGAIN),
}

# Codes of the API, and those that `core.errors.response` derives from the messages of servers without codes.
BY_CODE: dict[str, ErrorText] = {
    "insufficient_quota": (
        "Quota exceeded",
        "The account has no credit left or has reached its spending limit: see its billing page. "
        "Retrying does not help.",
    ),
    "billing_hard_limit_reached": (
        "Spending limit reached",
        "Raise it on the account's billing page.",
    ),
    "billing_not_active": ("Billing is not active", "Set up billing for the account."),
    "invalid_api_key": _INVALID_KEY,
    "context_length_exceeded": _CONTEXT_TOO_LONG,
    "model_not_found": (
        "Model not found on this server",
        "Choose one from the list: it may be shut down, not loaded, or not available to your key.",
    ),
    "unsupported_parameter": (
        "This model does not support {param}",
        "Remove it, or choose another model.",
    ),
    "unsupported_value": (
        "This model does not support that value of {param}",
        "Use one of the values in the detail.",
    ),
    "unknown_parameter": ("The server does not know {param}", "Remove it."),
    "missing_required_parameter": ("{param} is missing", "Add it to the request."),
    "invalid_type": ("{param} has the wrong type", "The detail says what is expected."),
    "empty_array": ("{param} is empty", "Enter some text."),
    "invalid_image_format": ("Unsupported image format", "Use PNG, JPEG, WebP or a non-animated GIF."),
    "images_not_supported": (
        "This model does not support images",
        "Remove the images or choose another model. llama.cpp needs the --mmproj file of the model.",
    ),
    "content_filter": ("The request was blocked by the content filter", "Rephrase it."),
    "content_policy_violation": ("The request was blocked by the content policy", "Rephrase it."),
    "tools_with_effort": (
        "With reasoning, this model supports tools only in the Responses API",
        'Set the reasoning effort to "none", or use the Responses API.',
    ),
    "responses_only": (
        "This model is only available in the Responses API",
        "Select Responses as the API in Parameters.",
    ),
    "json_word_missing": (
        'JSON mode requires the word "JSON" in the request',
        'Write "JSON" in a message or the instructions.',
    ),
    "mismatched_organization": (
        "The key belongs to another organization",
        f"Correct the organization {_ON_SETTINGS_PAGE}.",
    ),
    "unsupported_country_region_territory": (
        "The API is not available in this region",
        "Use another server.",
    ),
}

BY_STATUS: dict[int, ErrorText] = {
    402: BY_CODE["insufficient_quota"],
    405: (
        "Method not allowed",
        "The server does not offer this endpoint. Check the base URL {base_url}.",
    ),
    407: BY_CLASS[httpx2.ProxyError],
    408: (
        "The server reported a timeout",
        "It did not receive or finish the request in time. Try again, or shorten the prompt.",
    ),
    413: ("The request is too large", "Send smaller images, files or texts."),
    415: ("Unsupported content type", "The server may not support images or files."),
    501: ("Not implemented by this server", "The server was started without this capability."),
    502: (
        "Bad gateway",
        "The server behind the gateway is down or restarting. Try again in a moment.",
    ),
    503: ("The server is overloaded or still loading", "Try again in a moment."),
    504: ("Gateway timeout", "The server behind the gateway did not respond. Try again in a moment."),
}

VERSION_MISSING: ErrorText = ("Not found: /v1 is probably missing", "Try {with_version} as the base URL.")
RESPONSES_MISSING: ErrorText = (
    "The server has no Responses API",
    "Select Chat Completions as the API in Parameters.",
)
REDIRECTED: ErrorText = (
    "The server redirects to another address",
    "It redirects to {target}. Redirects are not followed, so that the key is sent to no other server.",
)

# Why a connection failed is only in the text of the innermost cause.
BY_CAUSE: tuple[tuple[re.Pattern[str], ErrorText], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), text)
    for pattern, text in (
        (
            r"wrong.version.number|record layer failure|packet length too long",
            (
                "This port does not use HTTPS",
                "Write http:// instead of https:// in the base URL {base_url}.",
            ),
        ),
        (
            r"certificate|ssl|tls",
            (
                "The server's certificate is not trusted",
                "It is self-signed, expired or for another name, or a proxy replaces it.",
            ),
        ),
        (
            r"name or service|getaddrinfo|nodename|name resolution|no address",
            ("Host not found", "Check the spelling of {base_url} and the network."),
        ),
        (
            r"refused|connect call failed|all connection attempts failed",
            (
                "Connection refused: no server at this address",
                "Start the server, or correct the port in {base_url}.",
            ),
        ),
        (r"proxy", BY_CLASS[httpx2.ProxyError]),
        (r"disconnected|reset|incomplete|peer closed", _CONNECTION_LOST),
    )
)


def text_for_class(error: type[BaseException]) -> ErrorText | None:
    """Return the text of the nearest ancestor of *error* that has one."""
    return next((BY_CLASS[cls] for cls in error.__mro__ if cls in BY_CLASS), None)
