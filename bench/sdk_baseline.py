"""The baseline: the streaming loop of the SDK without an app. Prints the times of its second reply."""

import json
import time

from openai import OpenAI
from openai.types.chat import ChatCompletionUserMessageParam

_QUESTION: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "Hello"}]


def ask(client: OpenAI, model: str) -> dict[str, float]:
    """Return the milliseconds to the first and to the last token."""
    started = time.monotonic()
    times = []
    for chunk in client.chat.completions.create(model=model, messages=_QUESTION, stream=True):
        if chunk.choices and chunk.choices[0].delta.content:
            times.append((time.monotonic() - started) * 1000)
    return {"first": times[0], "last": times[-1]}


def connect(client: OpenAI) -> str:
    """Open a connection and read from a first reply, which is not measured. Return the model."""
    model = client.models.list().data[0].id
    with client.chat.completions.create(model=model, messages=_QUESTION, stream=True) as stream:
        next(iter(stream))
    return model


if __name__ == "__main__":
    openai_client = OpenAI()
    print(json.dumps(ask(openai_client, connect(openai_client))))
