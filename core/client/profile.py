"""The profile of a server: its base URL, the API key, and what goes with every request to it."""

import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from core.errors.types import PlaygroundError
from core.redaction import register_key
from core.server_kind import ServerKind

OPENAI_URL = "https://api.openai.com/v1"

KeySource = Literal["none", "environment", "entered", "sandbox"]

_URL_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/\[\]%@!$&()*+,;=?#-]+")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# The client sets these itself; another value could redirect a request or split it in two.
_RESERVED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
)


class InvalidProfile(PlaygroundError):
    """A value that the user entered cannot be used; the message says why and never quotes a key."""


def parse_base_url(text: str) -> str:
    """Return *text* as a base URL without a trailing slash; adds http or https if it has no scheme.

    Raises InvalidProfile for other schemes, and for user names, queries and fragments: they can contain keys,
    and base URLs are shown and saved.
    """
    text = text.strip().strip("\"'")
    if not _URL_CHARACTERS.fullmatch(text or "/"):
        raise InvalidProfile("The base URL has spaces or invalid characters", "Type it again.")
    try:
        parts = urlsplit(_add_scheme(text))
        valid = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise InvalidProfile("The base URL has no valid host and port", "Write it like http://host:8000/v1.")
    if "@" in parts.netloc:
        raise InvalidProfile(
            "The base URL must not contain a user name or key", "Enter the key in its own field."
        )
    if parts.query or parts.fragment:
        raise InvalidProfile(
            "The base URL must not contain ? or #", "Remove that part; enter a key in its own field."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _add_scheme(url: str) -> str:
    if not url:
        raise InvalidProfile("The base URL is empty", "Enter one like http://localhost:11434/v1.")
    if "://" not in url:
        host = url.split("/", 1)[0]
        # Servers on this machine and on a local network rarely have a certificate.
        is_local = is_loopback(f"http://{host}") or "." not in host
        return f"{'http' if is_local else 'https'}://{url}"
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https"):
        raise InvalidProfile("The base URL must begin with http:// or https://")
    return f"{scheme.lower()}://{rest}"


def azure_url(resource: str) -> str:
    """Return the v1 base URL of an Azure resource, from its name or its endpoint."""
    name = resource.strip().rstrip("/")
    endpoint = parse_base_url(name if "." in name else f"https://{name}.openai.azure.com")
    return endpoint if "/openai" in endpoint else f"{endpoint}/openai/v1"


def is_loopback(base_url: str) -> bool:
    """Whether the host of *base_url* is certainly this machine."""
    try:
        host = urlsplit(base_url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_api_key(text: str) -> SecretStr | None:
    """Return a pasted key without blanks, line ends and quotes, and register it for redaction; None if empty.

    Raises InvalidProfile for characters that an HTTP header cannot contain.
    """
    key = re.sub(r"\s+", "", text).strip("\"'")
    if key.lower().startswith("bearer") and len(key) > len("bearer"):
        key = key[len("bearer") :]
    if not key:
        return None
    if not key.isascii() or not key.isprintable():
        raise InvalidProfile(
            "The key has an invalid character",
            "It may be a curly quote, a dash or a letter of another script: copy the key again.",
        )
    register_key(key)
    return SecretStr(key)


class Profile(BaseModel):
    """One OpenAI-compatible server and its key, which is never sent to another base URL."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    name: str = Field(min_length=1, max_length=80)
    kind: ServerKind
    base_url: Annotated[str, AfterValidator(parse_base_url)]
    api_key: SecretStr | None = None
    key_source: KeySource = "none"
    organization: str | None = None
    project: str | None = None
    headers: tuple[tuple[str, SecretStr], ...] = ()
    timeout: float = Field(default=60, ge=5, le=60, description="Read timeout in seconds.")
    max_retries: int = Field(default=2, ge=0, le=10)

    @field_validator("api_key", mode="before")
    @classmethod
    def _normalise_key(cls, value: object) -> object:
        key = value.get_secret_value() if isinstance(value, SecretStr) else value
        return parse_api_key(key) if isinstance(key, str) else value

    @field_validator("organization", "project")
    @classmethod
    def _validate_header_value(cls, value: str | None) -> str | None:
        value = (value or "").strip()
        if not value.isascii() or not value.isprintable():
            raise ValueError("only plain letters, digits and symbols can be sent in a header")
        return value or None

    @field_validator("headers")
    @classmethod
    def _validate_headers(
        cls, headers: tuple[tuple[str, SecretStr], ...]
    ) -> tuple[tuple[str, SecretStr], ...]:
        for name, value in headers:
            _check_header(name, value.get_secret_value())
        return headers

    @property
    def key(self) -> str:
        """The key as text; empty if there is none. Only for code that sends or redacts it."""
        return self.api_key.get_secret_value() if self.api_key else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything to redact: the key and the values of the extra headers."""
        return (*((self.key,) if self.key else ()), *(value.get_secret_value() for _, value in self.headers))

    def with_base_url(self, text: str) -> Self:
        """Return the profile with another base URL; the key and the headers stay only if the URL does."""
        url = parse_base_url(text)
        if url == self.base_url:
            return self
        empty: dict[str, Any] = {"api_key": None, "key_source": "none", "headers": ()}
        return self.model_copy(update={"base_url": url, "organization": None, "project": None, **empty})

    def with_key(self, text: str) -> Self:
        """Return the profile with an entered key; without a key if *text* is empty."""
        key = parse_api_key(text)
        return self.model_copy(update={"api_key": key, "key_source": "entered" if key else "none"})

    def with_changes(self, **changes: object) -> Self:
        """Return the profile with validated *changes*. Raises InvalidProfile, quoting no value."""
        try:
            return type(self).model_validate({**dict(self), **changes})
        except ValidationError as exc:
            error = exc.errors(include_input=False, include_url=False)[0]
            field = str(error["loc"][0]).replace("_", " ") if error["loc"] else "profile"
            message = error["msg"].removeprefix("Value error, ")
            # "from None", because the text of the original error can quote the input.
            raise InvalidProfile(f"{field.capitalize()}: {message}") from None


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("a header's name may contain only letters, digits and -")
    if name.lower() in _RESERVED_HEADERS:
        raise ValueError(f"the header {name} cannot be set here")
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"the value of {name} has a character that a header cannot contain")
    register_key(value)


def parse_headers(text: str) -> tuple[tuple[str, SecretStr], ...]:
    """Parse `Name: value` lines. Raises InvalidProfile with the number of the line, never its value."""
    headers = []
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon:
            raise InvalidProfile(
                f"Line {number} of the headers has no colon", "Write one Name: value per line."
            )
        try:
            _check_header(name.strip(), value.strip())
        except ValueError as exc:
            raise InvalidProfile(f"Line {number} of the headers: {exc}") from None
        headers.append((name.strip(), SecretStr(value.strip())))
    return tuple(headers)


def profile_from_environment(environ: Mapping[str, str] = os.environ) -> Profile | None:
    """Read the SDK's own variables: OpenAI's, else Azure's; None if both are incomplete.

    A base URL without a key is enough, for local servers. Raises InvalidProfile for invalid values.
    """
    url, key = environ.get("OPENAI_BASE_URL", "").strip(), environ.get("OPENAI_API_KEY", "").strip()
    if url or key:
        base_url = parse_base_url(url) if url else OPENAI_URL
        is_openai = base_url == OPENAI_URL
        return Profile(
            id="environment",
            name="OpenAI" if is_openai else urlsplit(base_url).netloc,
            kind="openai" if is_openai else "local" if is_loopback(base_url) else "custom",
            base_url=base_url,
            api_key=parse_api_key(key),
            key_source="environment" if key else "none",
            organization=environ.get("OPENAI_ORG_ID"),
            project=environ.get("OPENAI_PROJECT_ID"),
            headers=parse_headers(environ.get("OPENAI_CUSTOM_HEADERS", "")),
        )
    endpoint = environ.get("AZURE_OPENAI_ENDPOINT", "").strip()
    azure_key = environ.get("AZURE_OPENAI_API_KEY", "").strip()
    if not (endpoint and azure_key):
        return None
    return Profile(
        id="environment",
        name="Azure OpenAI",
        kind="azure",
        base_url=azure_url(endpoint),
        api_key=parse_api_key(azure_key),
        key_source="environment",
    )
