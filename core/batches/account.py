"""Which account of a server a batch belongs to: with another key, the server does not know the batch."""

import hashlib
from typing import TYPE_CHECKING

from core.batches.batch import BatchRecord

if TYPE_CHECKING:
    from core.client.profile import Profile

# Enough to tell the keys of one person apart, and too little to learn anything about a key.
_LENGTH = 12


def account_id(profile: "Profile") -> str:
    """Identify key, organization and project of *profile*; empty for the sandbox, which has one account."""
    if profile.kind == "sandbox":
        return ""
    key = profile.api_key.get_secret_value() if profile.api_key else ""
    fields = (key, profile.organization or "", profile.project or "")
    return hashlib.sha256("\0".join(fields).encode()).hexdigest()[:_LENGTH]


def is_in_account(record: BatchRecord, account: str) -> bool:
    """Whether *account* may see the batch: records of earlier versions, and without a batch, have none."""
    return record.account in ("", account)
