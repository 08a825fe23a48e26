"""The floor: the SDK's own streaming loop with no app around it; prints the times of its second reply."""

import json
import time

from openai import OpenAI
from openai.types.chat import ChatCompletionUserMessageParam

_QUESTION: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "Hello"}]


def ask(client: OpenAI, model: str) -> dict[str, float]:
    """Return the milliseconds to the first and to the last token."""
    began = time.monotonic()
    times = []
    for chunk in client.chat.completions.create(model=model, messages=_QUESTION, stream=True):
        if chunk.choices and chunk.choices[0].delta.content:
            times.append((time.monotonic() - began) * 1000)
    return {"first": times[0], "last": times[-1]}


def connect(client: OpenAI) -> str:
    """Import and connect, read one chunk, and return the model there is."""
    model = client.models.list().data[0].id
    with client.chat.completions.create(model=model, messages=_QUESTION, stream=True) as stream:
        next(iter(stream))
    return model


if __name__ == "__main__":
    shared = OpenAI()
    print(json.dumps(ask(shared, connect(shared))))
