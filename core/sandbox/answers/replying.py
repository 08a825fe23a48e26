"""Choosing what to say."""

from core.sandbox.answers.prompt import Prompt


def reply(prompt: Prompt) -> str:
    """Write the reply to *prompt*."""
    words = len(prompt.question.split())
    return (
        f"This is the sandbox: it computes replies by rules. You wrote {words} words:\n\n> {prompt.question}"
    )
