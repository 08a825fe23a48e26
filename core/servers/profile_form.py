"""Turn what a person entered about a server into a profile."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.client.profile import (
    OPENAI_URL,
    Profile,
    ServerKind,
    azure_url,
    is_loopback,
    parse_base_url,
    parse_headers,
)

# What a new server begins with; connecting gives it an identity of its own.
NEW_OPENAI = Profile(id="new-openai", name="OpenAI", kind="openai", base_url=OPENAI_URL)
NEW_AZURE = Profile(
    id="new-azure",
    name="Azure OpenAI",
    kind="azure",
    base_url="https://your-resource.openai.azure.com/openai/v1",
)
NEW_SERVER = Profile(
    id="new-server", name="Another server", kind="custom", base_url="http://localhost:8000/v1"
)
TEMPLATES = (NEW_OPENAI, NEW_AZURE, NEW_SERVER)


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """The fields as they stand. An empty *key* or *headers* keeps what is set: none is shown again."""

    base_url: str
    key: str = ""
    organization: str = ""
    project: str = ""
    headers: str = ""
    timeout: float = 60
    max_retries: int = 2


def to_profile(profile: Profile, entered: ProfileForm) -> Profile:
    """Return *profile* as entered. At another address it is another profile, and brings along no secret.

    Raises InvalidProfile.
    """
    url = azure_url(entered.base_url) if profile.kind == "azure" else parse_base_url(entered.base_url)
    moved = url != profile.base_url
    changed = profile.with_base_url(url)
    changed = changed.with_changes(timeout=entered.timeout, max_retries=entered.max_retries)
    changed = changed.with_changes(
        organization=_keep_unless_copied(entered.organization, profile.organization, moved),
        project=_keep_unless_copied(entered.project, profile.project, moved),
    )
    if entered.headers.strip():
        changed = changed.with_changes(headers=parse_headers(entered.headers))
    if entered.key.strip():
        changed = changed.with_key(entered.key)
    return _assign_id(changed) if moved or profile in TEMPLATES else changed


def discards_key(profile: Profile, entered: ProfileForm) -> bool:
    """Whether connecting takes a key away because the address is another one. Raises InvalidProfile."""
    return bool(profile.key) and not entered.key.strip() and not to_profile(profile, entered).key


def use_suggested_url(profile: Profile, url: str) -> Profile:
    """Return *profile* at a suggested address; with its key only if that is the same server."""
    same = _origin(url) == _origin(profile.base_url)
    moved = profile.model_copy(update={"base_url": url}) if same else profile.with_base_url(url)
    return _assign_id(moved)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _keep_unless_copied(entered: str, before: str | None, moved: bool) -> str | None:
    """Drop a value that the form only repeats from the profile of another server."""
    return None if moved and entered == before else entered


def _assign_id(profile: Profile) -> Profile:
    """Name *profile* by its address."""
    parts = urlsplit(profile.base_url)
    kind = _kind(profile)
    name = {"openai": "OpenAI", "azure": f"Azure {parts.netloc.partition('.')[0]}"}.get(kind, parts.netloc)
    found = f"{kind}-{parts.netloc}{parts.path}"
    return profile.model_copy(update={"id": found, "name": name[:80], "kind": kind})


def _kind(profile: Profile) -> ServerKind:
    if profile.kind == "azure":
        return "azure"
    if profile.base_url == OPENAI_URL:
        return "openai"
    return "local" if is_loopback(profile.base_url) else "custom"
