"""What the path of a base URL says: whether it has an API version, and whether it is that of an endpoint."""

import re
from urllib.parse import urlsplit

# Anywhere in the path, because gateways put more behind it: /v1beta/openai, /v1/account/gateway/openai.
_VERSION = re.compile(r"/v\d+[\w.]*(/|$)")
_ENDPOINT = re.compile(r"/(chat(/completions)?|completions|embeddings|models|responses)$")


def with_version(base_url: str) -> str | None:
    """Return *base_url* with the /v1 that most servers expect; None if it already has a version."""
    return None if _VERSION.search(urlsplit(base_url).path) else f"{base_url.rstrip('/')}/v1"


def without_endpoint(base_url: str) -> str | None:
    """Return *base_url* without the path of an endpoint, such as /chat/completions; None if it has none."""
    shorter = _ENDPOINT.sub("", base_url.rstrip("/"))
    return None if shorter == base_url.rstrip("/") else shorter
