"""The failures that a user can choose for one reply of the sandbox."""

from collections.abc import Mapping

# As the sandbox parses them. "*2" is for the first two attempts, so that a retry succeeds.
SIMULATED_FAULTS: Mapping[str, str] = {
    "429=1*2": "Rate limit (429), then success",
    "500*2": "Server error (500), then success",
    "insufficient_quota": "Quota exceeded (429)",
    "401": "Invalid API key (401)",
    "400": "Context window exceeded (400)",
    "slow=3": "3 seconds before the first token",
    "truncate=12": "Stream that ends early",
    "disconnect=12": "Connection lost in the reply",
    "error-event=12": "Error event in the stream",
    "malformed=12": "Invalid JSON in the stream",
    "refusal": "Refusal by the model",
    "content-filter": "Content filter",
}


def fault_headers(fault: str, scenario: str) -> dict[str, str]:
    """Return the headers that make the sandbox fail a request; it counts the attempts of a *scenario*."""
    return {"x-sandbox-fault": fault, "x-sandbox-scenario": scenario}
