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


def text_of(chunks: list[ChatCompletionChunk], index: int = 0) -> str:
    choices = [choice for chunk in chunks for choice in chunk.choices if choice.index == index]
    return "".join(choice.delta.content or "" for choice in choices)


def test_says_that_it_is_a_sandbox_in_the_first_reply(ask: ChatHelper) -> None:
    assert "Sandbox: computed by rules" in ask.text("hello")


def test_does_not_say_it_again_in_the_second(ask: ChatHelper) -> None:
    earlier = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "Hello!"}]
    messages = [*earlier, {"role": "user", "content": "thanks"}]
    assert "Sandbox:" not in ask.text(messages=messages)


@hypothesis_settings(max_examples=40)
@given(question=ANY_TEXT, seed=st.integers(0, 9))
def test_streams_the_text_that_it_would_have_sent_whole(ask: ChatHelper, question: str, seed: int) -> None:
    assert text_of(ask.stream(question, seed=seed)) == ask.text(question, seed=seed)


@hypothesis_settings(max_examples=40)
@given(question=ANY_TEXT)
def test_bills_the_tokens_of_the_published_recipe(ask: ChatHelper, question: str) -> None:
    completion = ask(question)
    assert completion.usage is not None
    assert (
        completion.usage.prompt_tokens
        == 3 + count_tokens("user", "o200k_base") + count_tokens(question, "o200k_base") + 3
    )
    assert completion.usage.completion_tokens == count_tokens(
        completion.choices[0].message.content or "", "o200k_base"
    )


@given(text=st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    clean = text.encode("utf-16", "replace").decode("utf-16", "replace")
    found = decode_pieces(encode(clean, "o200k_base"), "o200k_base")
    assert "".join(piece.text for piece in found) == clean


def test_announces_the_role_first_and_the_finish_reason_last(ask: ChatHelper) -> None:
    first, *_, last = ask.stream()
    assert first.choices[0].delta.role == "assistant"
    assert (last.choices[0].finish_reason, last.choices[0].delta.content) == ("stop", None)


def test_adds_a_chunk_with_usage_and_no_choices_when_asked(ask: ChatHelper) -> None:
    *others, last = ask.stream(stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage == ask().usage
    assert all(chunk.usage is None for chunk in others)


def test_cuts_at_the_token_asked_for(ask: ChatHelper) -> None:
    completion = ask("Explain streaming", max_completion_tokens=7)
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 7


def test_bills_a_cut_within_a_character_to_the_token(ask: ChatHelper) -> None:
    family = "👩‍👩‍👧‍👦" * 5
    usage = ask(f"my family: {family}", max_completion_tokens=40).usage
    assert usage is not None
    assert usage.completion_tokens == 40


def test_stops_before_the_stop_sequence(ask: ChatHelper) -> None:
    completion = ask("count to 30", stop=["13", "never"])
    assert completion.choices[0].message.content == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10,\n11, 12, "
    assert completion.choices[0].finish_reason == "stop"


def test_answers_n_times_in_one_stream(ask: ChatHelper) -> None:
    chunks = ask.stream("hello", n=3)
    whole = ask("hello", n=3)
    assert [text_of(chunks, index) for index in range(3)] == [c.message.content for c in whole.choices]


def test_repeats_itself_for_the_same_seed_and_may_differ_for_another(ask: ChatHelper) -> None:
    assert ask.text(seed=1) == ask.text(seed=1)
    assert len({ask.text(seed=seed) for seed in range(8)}) > 1


def test_gives_log_probabilities_of_every_token(ask: ChatHelper) -> None:
    completion = ask("count to 5", logprobs=True, top_logprobs=3)
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert b"".join(bytes(entry.bytes or []) for entry in logprobs.content) == b"1, 2, 3, 4, 5"
    assert all(len(entry.top_logprobs) == 3 and entry.logprob <= 0 for entry in logprobs.content)


def test_streams_the_same_log_probabilities(ask: ChatHelper) -> None:
    chunks = ask.stream("count to 5", logprobs=True)
    entries = [c.logprobs.content or [] for chunk in chunks for c in chunk.choices if c.logprobs]
    whole = ask("count to 5", logprobs=True).choices[0].logprobs
    assert whole is not None
    assert list(itertools.chain(*entries)) == whole.content


def test_never_writes_a_banned_token(ask: ChatHelper) -> None:
    comma = str(encode(",", "o200k_base")[0])
    assert ask.text("count to 5", logit_bias={comma: -100}) == "1 2 3 4 5"


def test_writes_nothing_but_a_forced_token(ask: ChatHelper) -> None:
    hello = str(encode("Hello", "o200k_base")[0])
    completion = ask(logit_bias={hello: 100}, max_completion_tokens=3)
    assert completion.choices[0].message.content == "HelloHelloHello"
    assert completion.choices[0].finish_reason == "length"


def test_answers_in_json_when_asked(ask: ChatHelper) -> None:
    answer = json.loads(ask.text("2+3 as JSON", response_format={"type": "json_object"}))
    assert answer["answer"] == "`2+3` = **5**"


def test_reasons_with_the_effort(ask: ChatHelper) -> None:
    def thought(effort: str) -> int:
        usage = ask("Why?", model=REASONING_MODEL, reasoning_effort=effort).usage
        assert usage is not None
        assert usage.completion_tokens_details is not None
        return usage.completion_tokens_details.reasoning_tokens or 0

    assert thought("none") == 0 < thought("low") < thought("medium") < thought("high") < thought("xhigh")


def test_leaves_the_reply_empty_when_reasoning_takes_all_the_room(ask: ChatHelper) -> None:
    completion = ask("Why?", model=REASONING_MODEL, max_completion_tokens=20)
    assert completion.choices[0].message.content == ""
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 20


def cached_of(ask: ChatHelper, question: str, **params: Any) -> int:
    usage = ask(question, **params).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    return usage.prompt_tokens_details.cached_tokens or 0


def test_finds_a_long_prefix_in_its_cache_in_steps_of_128(ask: ChatHelper) -> None:
    prompt = "the same long beginning " * 400
    assert [cached_of(ask, prompt), cached_of(ask, prompt + "and another end")] == [0, 1536]


def test_caches_nothing_shorter_than_1024_tokens(ask: ChatHelper) -> None:
    assert [cached_of(ask, "short " * 900), cached_of(ask, "short " * 900)] == [0, 0]


def test_keeps_the_caches_of_models_apart(ask: ChatHelper) -> None:
    prompt = "the same long beginning " * 400
    assert [cached_of(ask, prompt), cached_of(ask, prompt, model="gpt-4o")] == [0, 0]


def test_bills_cache_writes_where_the_model_does(ask: ChatHelper) -> None:
    usage = ask("the same long beginning " * 400, model=REASONING_MODEL).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cache_write_tokens == 1536


def test_counts_a_prompt_without_answering_it(sdk: OpenAI) -> None:
    counted = sdk.responses.input_tokens.count(
        model=CHAT_MODEL, instructions="You are a helpful assistant.", input="Hello!"
    )
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", 19)


def test_counts_messages_as_it_bills_them(sdk: OpenAI, ask: ChatHelper) -> None:
    counted = sdk.responses.input_tokens.count(
        model=CHAT_MODEL, input=[{"role": "user", "content": "안녕하세요"}]
    )
    usage = ask("안녕하세요").usage
    assert usage is not None
    assert counted.input_tokens == usage.prompt_tokens


COOKBOOK = [
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
def test_agrees_with_the_cookbook_on_its_example(ask: ChatHelper, model: str, tokens: int) -> None:
    messages = [
        {"role": role, "content": content, **({"name": name} if name else {})}
        for role, name, content in COOKBOOK
    ]
    usage = ask(model=model, messages=messages).usage
    assert usage is not None
    assert usage.prompt_tokens == tokens


async def test_answers_the_asynchronous_client_too(aio: AsyncOpenAI) -> None:
    stream = await aio.chat.completions.create(
        model=CHAT_MODEL, messages=[{"role": "user", "content": "count to 5"}], stream=True
    )
    assert text_of([chunk async for chunk in stream]) == "1, 2, 3, 4, 5"


def test_satisfies_the_streaming_helper_of_the_sdk(sdk: OpenAI) -> None:
    with sdk.chat.completions.stream(
        model=CHAT_MODEL, messages=[{"role": "user", "content": "count to 5"}], n=2
    ) as stream:
        completion = stream.get_final_completion()
    assert [choice.message.content for choice in completion.choices] == ["1, 2, 3, 4, 5"] * 2


def test_passes_strict_validation_of_the_sdk(server: SandboxServer) -> None:
    with DefaultHttpx2Client(trust_env=False) as http_client:
        strict = OpenAI(
            base_url=server.url,
            api_key=server.key,
            http_client=http_client,
            _strict_response_validation=True,
        )
        assert ChatHelper(strict)("count to 3", logprobs=True).choices[0].message.content == "1, 2, 3"
        assert text_of(ChatHelper(strict).stream("count to 3")) == "1, 2, 3"
