"""Groups of exception classes.

Importing this module loads the SDK: a module that needs a group only after a call has failed imports it
inside the function.
"""

import json

import httpx2
import openai
import pydantic

from core.errors.types import (
    MalformedEvent,
    NotOpenAICompatible,
    PlaygroundError,
    StreamError,
)

Classes = tuple[type[Exception], ...]

# What a page may catch and explain. Everything else is a bug and keeps its traceback.
EXPECTED_ERRORS: Classes = (
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

CONNECTION_ERRORS: Classes = (openai.APIConnectionError, httpx2.TransportError)
TIMEOUT_ERRORS: Classes = (openai.APITimeoutError, httpx2.TimeoutException)
TRANSPORT_ERRORS: Classes = (*CONNECTION_ERRORS, ConnectionError, TimeoutError)

# Errors that may not occur again when the request is repeated, and the subclasses of those that will.
TRANSIENT_ERRORS: Classes = (
    openai.APIError,
    httpx2.HTTPError,
    ConnectionError,
    TimeoutError,
    MalformedEvent,
    NotOpenAICompatible,  # the page of a gateway or a network that requires a sign-in
    StreamError,
    UnicodeDecodeError,
    json.JSONDecodeError,
)
PERMANENT_ERRORS: Classes = (
    httpx2.InvalidURL,
    httpx2.UnsupportedProtocol,
    UnicodeEncodeError,
    openai.APIStatusError,
)
