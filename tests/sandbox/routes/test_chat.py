"""Chat completions of the sandbox, through the SDK."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openai import AsyncOpenAI, DefaultHttpx2Client, OpenAI
from openai.types.chat import ChatCompletionChunk

from core.sandbox.api.tokenizer import count_tokens, decode_pieces, encode
from core.sandbox.server import SandboxServer
from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL, ChatHelper

ANY_TEXT = st.text(max_size=200)


def joined_text(chunks: list[ChatCompletionChunk], index: int = 0) -> str:
    choices = [choice for chunk in chunks for choice in chunk.choices if choice.index == index]
    return "".join(choice.delta.content or "" for choice in choices)


@pytest.mark.parametrize(
    ("question", "origin"),
    [("Tell me a joke", "script"), ("17.5% of 240", "rules"), ("Who won the autumn regatta?", "refusal")],
)
def test_tells_in_a_header_how_the_reply_was_made(client: OpenAI, question: str, origin: str) -> None:
    messages: list[Any] = [{"role": "user", "content": question}]
    completions, responses = client.chat.completions.with_raw_response, client.responses.with_raw_response
    raw = completions.create(model=CHAT_MODEL, messages=messages)
    streamed = completions.create(model=CHAT_MODEL, messages=messages, stream=True)
    by_responses = responses.create(model=CHAT_MODEL, input=question)
    assert [each.headers["x-sandbox-reply"] for each in (raw, streamed, by_responses)] == [origin] * 3
    assert by_responses.parse().output_text == raw.parse().choices[0].message.content


@hypothesis_settings(max_examples=40)
@given(question=ANY_TEXT, seed=st.integers(0, 9))
def test_streams_the_same_text_as_without_streaming(chat: ChatHelper, question: str, seed: int) -> None:
    assert joined_text(chat.stream(question, seed=seed)) == chat.text(question, seed=seed)


@hypothesis_settings(max_examples=40)
@given(question=ANY_TEXT)
def test_bills_the_tokens_by_the_published_formula(chat: ChatHelper, question: str) -> None:
    completion = chat(question)
    assert completion.usage is not None
    assert (
        completion.usage.prompt_tokens
        == 3 + count_tokens("user", "o200k_base") + count_tokens(question, "o200k_base") + 3
    )
    assert completion.usage.completion_tokens == count_tokens(
        completion.choices[0].message.content or "", "o200k_base"
    )


@given(text=st.text())
def test_decodes_tokens_into_pieces_of_the_same_text(text: str) -> None:
    clean = text.encode("utf-16", "replace").decode("utf-16", "replace")
    pieces = decode_pieces(encode(clean, "o200k_base"), "o200k_base")
    assert "".join(piece.text for piece in pieces) == clean


def test_sends_the_role_first_and_the_finish_reason_last(chat: ChatHelper) -> None:
    first, *_, last = chat.stream()
    assert first.choices[0].delta.role == "assistant"
    assert (last.choices[0].finish_reason, last.choices[0].delta.content) == ("stop", None)


def test_sends_a_last_chunk_with_usage_and_no_choices_if_requested(chat: ChatHelper) -> None:
    *others, last = chat.stream(stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage == chat().usage
    assert all(chunk.usage is None for chunk in others)


def test_stops_at_the_token_limit(chat: ChatHelper) -> None:
    completion = chat("Explain streaming", max_completion_tokens=7)
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 7


def test_bills_all_tokens_if_the_limit_splits_a_character(chat: ChatHelper) -> None:
    family = "👩‍👩‍👧‍👦" * 5
    usage = chat(f"my family: {family}", max_completion_tokens=40).usage
    assert usage is not None
    assert usage.completion_tokens == 40


def test_stops_before_the_stop_sequence(chat: ChatHelper) -> None:
    completion = chat("count to 30", stop=["13", "never"])
    assert completion.choices[0].message.content == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10,\n11, 12, "
    assert completion.choices[0].finish_reason == "stop"


def test_streams_n_choices(chat: ChatHelper) -> None:
    chunks = chat.stream("hello", n=3)
    completion = chat("hello", n=3)
    streamed = [joined_text(chunks, index) for index in range(3)]
    assert streamed == [choice.message.content for choice in completion.choices]


def test_gives_the_same_reply_for_the_same_seed_and_another_for_other_seeds(chat: ChatHelper) -> None:
    assert chat.text(seed=1) == chat.text(seed=1)
    assert len({chat.text(seed=seed) for seed in range(8)}) > 1


def test_returns_logprobs_of_every_token(chat: ChatHelper) -> None:
    completion = chat("count to 5", logprobs=True, top_logprobs=3)
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert b"".join(bytes(entry.bytes or []) for entry in logprobs.content) == b"1, 2, 3, 4, 5"
    assert all(len(entry.top_logprobs) == 3 and entry.logprob <= 0 for entry in logprobs.content)


def test_streams_the_same_logprobs(chat: ChatHelper) -> None:
    chunks = chat.stream("count to 5", logprobs=True)
    entries = [c.logprobs.content or [] for chunk in chunks for c in chunk.choices if c.logprobs]
    logprobs = chat("count to 5", logprobs=True).choices[0].logprobs
    assert logprobs is not None
    assert list(itertools.chain(*entries)) == logprobs.content


def test_omits_tokens_with_a_bias_of_minus_100(chat: ChatHelper) -> None:
    comma = str(encode(",", "o200k_base")[0])
    assert chat.text("count to 5", logit_bias={comma: -100}) == "1 2 3 4 5"


def test_uses_only_the_token_with_a_bias_of_100(chat: ChatHelper) -> None:
    hello = str(encode("Hello", "o200k_base")[0])
    completion = chat(logit_bias={hello: 100}, max_completion_tokens=3)
    assert completion.choices[0].message.content == "HelloHelloHello"
    assert completion.choices[0].finish_reason == "length"


@pytest.mark.parametrize("bias", [0.1, 1, 20, 50, 99.5])
def test_adds_a_token_with_a_positive_bias(chat: ChatHelper, bias: float) -> None:
    banana = encode(" banana", "o200k_base")[0]
    plain, text = (
        chat.text("안녕, 스트리밍 설명"),
        chat.text("안녕, 스트리밍 설명", logit_bias={banana: bias}),
    )
    tokens = len(encode(plain, "o200k_base"))
    assert text.replace(" banana", "") == plain
    assert 1 <= text.count(" banana") <= max(1, round(tokens * bias / 100))


@pytest.mark.parametrize(("bias", "commas"), [(-0.5, 89), (-10, 81), (-50, 45), (-99, 1), (-100, 0), (0, 90)])
def test_removes_a_token_with_a_negative_bias(chat: ChatHelper, bias: float, commas: int) -> None:
    comma = encode(",", "o200k_base")[0]
    assert chat.text("count to 100", logit_bias={comma: bias}).count(", ") == commas


def test_applies_the_same_bias_in_the_same_way(chat: ChatHelper) -> None:
    comma = encode(",", "o200k_base")[0]
    params: dict[str, Any] = {"logit_bias": {comma: -50}, "seed": 1}
    assert chat.text("count to 50", **params) == chat.text("count to 50", **params)
    assert chat.text("count to 50", **params) == joined_text(chat.stream("count to 50", **params))


def test_answers_in_json_if_requested(chat: ChatHelper) -> None:
    answer = json.loads(chat.text("2+3 as JSON", response_format={"type": "json_object"}))
    assert answer["answer"] == "`2+3` = **5**"


def test_uses_more_reasoning_tokens_for_a_higher_effort(chat: ChatHelper) -> None:
    def reasoning_tokens(effort: str) -> int:
        usage = chat("Why?", model=REASONING_MODEL, reasoning_effort=effort).usage
        assert usage is not None
        assert usage.completion_tokens_details is not None
        return usage.completion_tokens_details.reasoning_tokens or 0

    counts = [reasoning_tokens(effort) for effort in ("none", "low", "medium", "high", "xhigh")]
    assert counts[0] == 0
    assert counts == sorted(set(counts))


def test_has_an_empty_reply_if_reasoning_reaches_the_token_limit(chat: ChatHelper) -> None:
    completion = chat("Why?", model=REASONING_MODEL, max_completion_tokens=20)
    assert completion.choices[0].message.content == ""
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 20


def cached_tokens(chat: ChatHelper, question: str, **params: Any) -> int:
    usage = chat(question, **params).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    return usage.prompt_tokens_details.cached_tokens or 0


def test_caches_a_long_prefix_in_steps_of_128_tokens(chat: ChatHelper) -> None:
    prompt = "the same long beginning " * 400
    assert [cached_tokens(chat, prompt), cached_tokens(chat, prompt + "and another end")] == [0, 1536]


def test_does_not_cache_prompts_below_1024_tokens(chat: ChatHelper) -> None:
    assert [cached_tokens(chat, "short " * 900), cached_tokens(chat, "short " * 900)] == [0, 0]


def test_caches_each_model_separately(chat: ChatHelper) -> None:
    prompt = "the same long beginning " * 400
    assert [cached_tokens(chat, prompt), cached_tokens(chat, prompt, model="gpt-4o")] == [0, 0]


def test_bills_cache_writes_for_models_that_do(chat: ChatHelper) -> None:
    usage = chat("the same long beginning " * 400, model=REASONING_MODEL).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cache_write_tokens == 1536


def test_counts_the_tokens_of_a_prompt(client: OpenAI) -> None:
    count = client.responses.input_tokens.count(
        model=CHAT_MODEL, instructions="You are a helpful assistant.", input="Hello!"
    )
    assert (count.object, count.input_tokens) == ("response.input_tokens", 19)


def test_counts_the_tokens_that_it_bills(client: OpenAI, chat: ChatHelper) -> None:
    count = client.responses.input_tokens.count(
        model=CHAT_MODEL, input=[{"role": "user", "content": "안녕하세요"}]
    )
    usage = chat("안녕하세요").usage
    assert usage is not None
    assert count.input_tokens == usage.prompt_tokens


COOKBOOK_MESSAGES = [
    (
        "system",
        "",
        "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
    ),
    ("system", "example_user", "New synergies will help drive top-line growth."),
    ("system", "example_assistant", "Things working well together will increase revenue."),
    (
        "system",
        "example_user",
        "Let's circle back when we have more bandwidth to touch base on opportunities for "
        "increased leverage.",
    ),
    ("system", "example_assistant", "Let's talk later when we're less busy about how to do better."),
    ("user", "", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
]


@pytest.mark.parametrize(("model", "tokens"), [("gpt-4o", 124), ("gpt-4", 129)], ids=["o200k", "cl100k"])
def test_bills_the_tokens_of_the_cookbook_example(chat: ChatHelper, model: str, tokens: int) -> None:
    messages = [
        {"role": role, "content": content, **({"name": name} if name else {})}
        for role, name, content in COOKBOOK_MESSAGES
    ]
    usage = chat(model=model, messages=messages).usage
    assert usage is not None
    assert usage.prompt_tokens == tokens


async def test_answers_the_async_client(async_client: AsyncOpenAI) -> None:
    stream = await async_client.chat.completions.create(
        model=CHAT_MODEL, messages=[{"role": "user", "content": "count to 5"}], stream=True
    )
    assert joined_text([chunk async for chunk in stream]) == "1, 2, 3, 4, 5"


def test_works_with_the_streaming_helper_of_the_sdk(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model=CHAT_MODEL, messages=[{"role": "user", "content": "count to 5"}], n=2
    ) as stream:
        completion = stream.get_final_completion()
    assert [choice.message.content for choice in completion.choices] == ["1, 2, 3, 4, 5"] * 2


def test_passes_the_strict_response_validation_of_the_sdk(server: SandboxServer) -> None:
    with DefaultHttpx2Client(trust_env=False) as http_client:
        strict = OpenAI(
            base_url=server.url,
            api_key=server.key,
            http_client=http_client,
            _strict_response_validation=True,
        )
        assert ChatHelper(strict)("count to 3", logprobs=True).choices[0].message.content == "1, 2, 3"
        assert joined_text(ChatHelper(strict).stream("count to 3")) == "1, 2, 3"
