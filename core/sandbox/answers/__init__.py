"""What the sandbox says: computed from the request by rules, and the same every time."""

from core.sandbox.answers.prompt import Prompt, Turn
from core.sandbox.answers.replying import reply

__all__ = ["Prompt", "Turn", "reply"]
