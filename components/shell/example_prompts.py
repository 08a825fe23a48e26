"""Example prompts, shown on Home and in an empty chat."""

_LIBRARY_TEXT = (
    "The city library will close its main hall from 3 March to 28 April to replace the heating, which dates "
    "from 1974. Loans continue at the branch in Mill Street, which opens an hour earlier, at 9 a.m., during "
    "that time. The children's reading hour moves to the town museum."
)
# Titles and previews are in the interface's language: Korean text would load the Korean font with the page.
_EXAMPLES = (
    ("What can you do?", "What can you do? Give me a short list of things to try."),
    ("Explain streaming", "What is streaming, and when is it worth it? Show it with the OpenAI Python SDK."),
    ("Answer from a text", f"When does the branch in Mill Street open during the works?\n\n{_LIBRARY_TEXT}"),
    ("What is a token? (Korean)", "토큰이란 무엇인가요? 예를 들어 설명해 주세요."),
)
_PREVIEWS = {"What is a token? (Korean)": "Asks in Korean what a token is. The reply is in Korean too."}


def example_prompts() -> list[dict[str, str]]:
    """Return the examples: `title` is the button's label, `prompt` the message, `preview` its description."""
    return [
        {"title": title, "prompt": prompt, "preview": _PREVIEWS.get(title, prompt)}
        for title, prompt in _EXAMPLES
    ]
