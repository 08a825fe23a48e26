"""The API keys that a sandbox accepts, and what each may do."""

import hashlib
import hmac
import secrets

from core.sandbox.api.errors import ApiError

# The rest of `/sandbox/` is a description of the sandbox, which is the same for everyone.
_PROTECTED_PATHS = ("/sandbox/settings", "/sandbox/requests")
_MISSING_KEY_MESSAGE = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
    "auth (i.e. Authorization: Bearer YOUR_KEY)."
)


class AccessKeys:
    """The key of the sandbox itself, and the keys that it has created for clients.

    With *any_key*, requests to the API may have any other key too. Those keys share the files
    and the stored replies of `shared_data_owner`; without one, each key has its own.
    """

    def __init__(self, own_key: str, any_key: bool = False) -> None:
        self._own_key = own_key
        self._any_key = any_key
        self.shared_data_owner = ""
        self._client_keys: dict[str, str] = {}

    def create_client_key(self, data_owner: str = "") -> str:
        """Return a new key of seven characters, whose settings and request log are separate.

        Keys with the same *data_owner* share files and batches, also after a restart, and stored replies.
        """
        key = secrets.token_urlsafe(5)
        self._client_keys[key] = data_owner or key
        return key

    def client(self, key: str) -> str:
        """Return the name of the client with *key* in settings and logs: its key, or "" with the own key."""
        return "" if hmac.compare_digest(key.encode(), self._own_key.encode()) else key

    def data_owner(self, key: str) -> str:
        """Return the owner of what *key* has stored: a digest, because the database must not contain keys."""
        owner = self._client_keys.get(key, self.shared_data_owner or key) if self.client(key) else ""
        return hashlib.sha256(owner.encode()).hexdigest() if owner else ""

    def check(self, key: str, path: str) -> None:
        """Raise ApiError if a request with *key* may not be sent to *path*."""
        if not key:
            raise ApiError(401, _MISSING_KEY_MESSAGE)
        if not self.client(key) or key in self._client_keys:
            return
        if not self._any_key:
            message = (
                f"Incorrect API key provided: {mask_key(key)}. Use the key that the sandbox was started with."
            )
            raise ApiError(401, message, code="invalid_api_key")
        if path.startswith(_PROTECTED_PATHS):
            raise ApiError(
                403,
                "Settings and request log of this sandbox require a key that it has created. To delay or "
                "fail a request, send it with the header x-sandbox-latency or x-sandbox-fault.",
                code="sandbox_key_required",
            )


def mask_key(key: str) -> str:
    """Return the first and the last characters of *key*, as in the error messages of the API."""
    return f"{key[:3]}***{key[-2:]}" if len(key) > 8 else "***"
