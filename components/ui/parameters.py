"""The parameters of a request, each with its widget."""

from components.ui.parameter_controls import (
    BooleanControl,
    ChoiceControl,
    LogitBiasControl,
    MetadataControl,
    MultipleChoiceControl,
    NumberControl,
    ParameterControl,
    ReasoningEffortControl,
    ResponseFormatControl,
    StopControl,
    TextControl,
)

CONTROLS: tuple[ParameterControl, ...] = (
    ReasoningEffortControl(
        "reasoning_effort", "Reasoning effort", "How much the model reasons before it replies."
    ),
    NumberControl(
        "temperature",
        "Temperature",
        "Sampling temperature. Higher is more random, 0 is nearly deterministic.",
        0.1,
    ),
    NumberControl(
        "top_p", "Top p", "Nucleus sampling: only the most likely tokens up to this total probability.", 0.05
    ),
    NumberControl(
        "max_completion_tokens",
        "Max completion tokens",
        "Maximum tokens of the reply, including reasoning tokens.",
        1,
    ),
    StopControl(
        "stop", "Stop sequences", "Up to four sequences. The reply ends before the first one generated."
    ),
    NumberControl("presence_penalty", "Presence penalty", "Positive values encourage new topics.", 0.1),
    NumberControl("frequency_penalty", "Frequency penalty", "Positive values reduce repetition.", 0.1),
    NumberControl("seed", "Seed", "The same seed gives the same reply, as far as the server supports it.", 1),
    NumberControl(
        "n",
        "Choices (n)",
        "Number of replies to generate. The additional ones become versions of the reply.",
        1,
    ),
    NumberControl(
        "top_logprobs",
        "Top logprobs",
        "Number of most likely tokens to return at each position (turns logprobs on).",
        1,
    ),
    LogitBiasControl(
        "logit_bias",
        "Logit bias",
        'JSON object of token IDs and biases from -100 to 100, such as {"1734": -100}.',
    ),
    ChoiceControl("verbosity", "Verbosity", "How detailed the reply is.", ("low", "medium", "high")),
    ChoiceControl(
        "reasoning_summary",
        "Reasoning summary",
        "Summaries of the reasoning, shown above the reply.",
        ("auto", "concise", "detailed"),
    ),
    BooleanControl(
        "store",
        "Store on the server",
        "Whether the server stores the reply. The Responses API does by default, for at least 30 days; "
        "Chat Completions does not.",
    ),
    ChoiceControl(
        "truncation",
        "Truncation",
        "What the API does with a conversation that is too long: refuse it, or leave out its start.",
        ("auto", "disabled"),
    ),
    ChoiceControl(
        "service_tier",
        "Service tier",
        "flex is cheaper and slower, priority is faster and more expensive.",
        ("auto", "default", "flex", "priority"),
    ),
    ResponseFormatControl(
        "response_format",
        "Response format",
        "json_object requires the word JSON in a message.",
        ("text", "json_object"),
    ),
    TextControl(
        "prompt_cache_key",
        "Prompt cache key",
        "Requests with the same key are more likely to share cached input.",
    ),
    TextControl("safety_identifier", "Safety identifier", "A stable, hashed identifier of the end user."),
    MetadataControl(
        "metadata",
        "Metadata",
        'Up to 16 names with texts as JSON, such as {"user": "42"}, to search stored replies by.',
    ),
    MultipleChoiceControl(
        "include",
        "Include",
        "Additional output. Encrypted reasoning, of reasoning models only, can be sent back with the next "
        "request when nothing is stored. Log probabilities are included with top logprobs.",
        ("reasoning.encrypted_content", "message.input_image.image_url"),
    ),
    BooleanControl(
        "background",
        "Background",
        "The server continues even without a connection. The app asks for the result once a second; Stop "
        "cancels it. It needs store.",
    ),
)
