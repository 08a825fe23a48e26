"""Serve the live view alone, with canned replies, while developing: `python -m tests.e2e.live`."""

import uvicorn

from tests.e2e.live.stub import LiveStub, Step

PORT = 8600
MARKDOWN = """# Heading

A paragraph with **bold**, *italic*, `code`, a [link](https://example.com) and an image: ![chart](https://example.com/a.png)

1. One
   - nested
2. Two

> A quotation.

| left | right |
|:-----|------:|
| a    | 1     |

```python
def double(value: int) -> int:  # a comment
    return 2 * value
```
"""
ERROR = {
    "title": "Too many requests",
    "hint": "Wait, then try again.",
    "detail": '{"error": {"code": "rate_limit_exceeded"}}',
    "code": "rate_limit_exceeded",
    "status": 429,
    "request_id": "req_0123456789",
    "retryable": True,
    "retry_after": 5,
}
RETRY = {
    "t": "retry",
    "attempt": 2,
    "max_attempts": 3,
    "wait": 3,
    "reason": "rate limit",
    "retry_after": True,
}


def stream(text: str, interval: float = 0.02) -> list[Step]:
    """The steps that send *text* a few characters at a time."""
    return [(interval, {"t": "text", "s": text[at : at + 4]}) for at in range(0, len(text), 4)]


def canned_conversation() -> LiveStub:
    """Each of its messages shows one behaviour of the view; any other message is echoed."""
    stub = LiveStub()
    stub.scripts = {
        "Markdown": stream(MARKDOWN),
        "Long reply": stream(MARKDOWN * 40, interval=0.005),
        "Reasoning": [(0.5, {"t": "reasoning", "s": "Think first. "})] * 6 + stream("Then answer."),
        "Slow start": [(5.0, {"t": "text", "s": "At last."})],
        "Retry": [(0.0, RETRY), (3.0, {"t": "text", "s": "The second attempt succeeded."})],
        "Error": stream("The reply breaks off"),
        "Lost connection": stream(MARKDOWN),
    }
    stub.endings = {
        "Reasoning": {"reasoning": "Think first. " * 6},
        "Error": {"state": "failed", "note": "Failed before the reply was complete.", "error": ERROR},
    }
    stub.disconnects = {"Lost connection": 20}
    stub.data = {"example_prompts": [{"title": name, "prompt": name} for name in stub.scripts]}
    return stub


if __name__ == "__main__":
    print(f"Open http://127.0.0.1:{PORT}/ or http://127.0.0.1:{PORT}/?theme=dark")
    uvicorn.run(canned_conversation().app(), port=PORT, log_level="warning")
