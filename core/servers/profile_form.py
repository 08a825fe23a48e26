"""Turn what the user entered about a server into a profile."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.client.profile import (
    OPENAI_URL,
    Profile,
    azure_url,
    is_loopback,
    parse_base_url,
    parse_headers,
)
from core.server_kind import ServerKind

# What the form for a new server starts with; connecting assigns a new id.
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
    """The values of the fields. An empty *key* or *headers* keeps the saved value, which is never shown."""

    base_url: str
    key: str = ""
    organization: str = ""
    project: str = ""
    headers: str = ""
    timeout: float = 60
    max_retries: int = 2


def to_profile(profile: Profile, form: ProfileForm) -> Profile:
    """Return *profile* with the values of *form*. With another base URL it has a new id and no old secret.

    Raises InvalidProfile.
    """
    url = azure_url(form.base_url) if profile.kind == "azure" else parse_base_url(form.base_url)
    is_other_url = url != profile.base_url
    changed = profile.with_base_url(url)
    changed = changed.with_changes(timeout=form.timeout, max_retries=form.max_retries)
    changed = changed.with_changes(
        organization=_keep_unless_copied(form.organization, profile.organization, is_other_url),
        project=_keep_unless_copied(form.project, profile.project, is_other_url),
    )
    if form.headers.strip():
        changed = changed.with_changes(headers=parse_headers(form.headers))
    if form.key.strip():
        changed = changed.with_key(form.key)
    return _assign_id(changed) if is_other_url or profile in TEMPLATES else changed


def discards_key(profile: Profile, form: ProfileForm) -> bool:
    """Whether connecting removes the key because the base URL is another one. Raises InvalidProfile."""
    return bool(profile.key) and not form.key.strip() and not to_profile(profile, form).key


def use_suggested_url(profile: Profile, url: str) -> Profile:
    """Return *profile* with the base URL *url*; with its key only if that is the same server."""
    same_server = _origin(url) == _origin(profile.base_url)
    changed = profile.model_copy(update={"base_url": url}) if same_server else profile.with_base_url(url)
    return _assign_id(changed)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _keep_unless_copied(entered: str, previous: str | None, is_other_url: bool) -> str | None:
    """Discard a value that the form only repeats from the profile of another server."""
    return None if is_other_url and entered == previous else entered


def _assign_id(profile: Profile) -> Profile:
    """Derive the id, name and kind of *profile* from its base URL."""
    parts = urlsplit(profile.base_url)
    kind: ServerKind
    if profile.kind == "azure":
        kind, name = "azure", f"Azure {parts.netloc.partition('.')[0]}"
    elif profile.base_url == OPENAI_URL:
        kind, name = "openai", "OpenAI"
    else:
        kind = "local" if is_loopback(profile.base_url) else "custom"
        name = f"{parts.netloc}{parts.path.removesuffix('/v1')}"
    profile_id = f"{kind}-{parts.netloc}{parts.path}"
    return profile.model_copy(update={"id": profile_id, "name": name[:80], "kind": kind})
