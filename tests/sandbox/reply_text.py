"""Replies of the sandbox without a server, and a text to ask about."""

from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage

GREAT_WALL_TEXT = (
    "The Great Wall of China was built over many centuries. Its oldest parts date from the 7th century BC. "
    "Most of what stands today was built by the Ming dynasty between 1368 and 1644. "
    "The wall is about 21,196 kilometres long. Soldiers used smoke signals to warn of attacks. "
    "It cannot be seen from the Moon with the naked eye."
)


def reply_to(question: str, instructions: str = "", *earlier: tuple[str, str]) -> str:
    """Return the reply to *question*, without the note that ends the first reply of a conversation."""
    messages = (*earlier, ("assistant", "Go on."), ("user", question))
    return reply(
        ChatPrompt(
            instructions,
            tuple(ConversationMessage(role, text) for role, text in messages),
            model="gpt-4o-mini",
        )
    )
