"""Export of conversations as a page."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.conversations.html_export import export_html
from core.conversations.message_tree import Version
from core.conversations.messages import Message
from core.errors.types import Explanation
from core.pricing.prices import Cost
from core.redaction import register_key
from core.runs.run import Run, RunState
from tests.unit.conversations.sample_conversation import CONVERSATION, IMAGE_PART, RUN, question, reply

KEY = "sk-test-0123456789abcdef"
SEOUL = ZoneInfo("Asia/Seoul")
RESPONSE = replace(RUN, endpoint="responses.create", params={"model": "gpt-6-luna", "temperature": 0.2})


def page(
    *branch: Message, run: Run = RESPONSE, title: str = "Sky", versions: Mapping[str, Version] = {}
) -> str:
    return export_html(replace(CONVERSATION, title=title), branch, {"run": run}, versions, SEOUL)


def test_has_the_messages_with_their_times_in_the_time_zone() -> None:
    html = page(question("Why **so** blue?"), reply("Because."))

    assert "<p>Why <strong>so</strong> blue?</p>" in html
    assert "<p>Because.</p>" in html
    assert '<time datetime="2026-11-23T21:30:00+09:00">23 November 2026, 21:30 KST</time>' in html


def test_has_the_model_api_time_tokens_and_cost_of_a_reply() -> None:
    facts = re.findall("<li>(.*?)</li>", page(question("Why?"), reply("Because.")))

    assert facts == [
        "gpt-6-luna",
        "Responses",
        "finish reason stop",
        "first token 0.21 s",
        "total 1.50 s",
        "12 input tokens (5 cached)",
        "34 output tokens",
        "0.00012 USD",
        "request ID req_1",
    ]


def test_has_the_list_price_where_nothing_is_charged() -> None:
    run = replace(RESPONSE, cost=Cost(None, "Sandbox", list_amount=Decimal("0.00023")))

    assert "<li>about 0.00023 USD at list price</li>" in page(reply("x"), run=run)


def test_has_the_parameters_but_no_connection_and_messages() -> None:
    params = {"input": "secret history", "temperature": 0.2, "extra_headers": {"X-Team": "t"}}

    html = page(reply("x"), run=replace(RESPONSE, params=params))

    assert "{\n  &quot;temperature&quot;: 0.2\n}" in html
    assert "secret history" not in html
    assert "X-Team" not in html


@pytest.mark.parametrize(
    ("endpoint", "params"),
    [
        ("responses.create", {"instructions": "Be **brief**.", "input": "x"}),
        ("chat.completions.create", {"messages": [{"role": "developer", "content": "Be **brief**."}]}),
    ],
)
def test_has_the_instructions_of_the_last_request(endpoint: str, params: dict[str, object]) -> None:
    html = page(reply("x"), run=replace(RESPONSE, endpoint=endpoint, params=params))

    assert (
        '<summary>Instructions</summary><div class="text" dir="auto"><p>Be <strong>brief</strong>.</p>'
        in html
    )


def test_says_how_a_reply_failed() -> None:
    error = Explanation("Rate <limit> reached", "Wait for a moment.")

    html = page(reply(""), run=replace(RESPONSE, state=RunState.FAILED, finish_reason=None, error=error))

    assert '<p class="failed">Rate &lt;limit&gt; reached. Wait for a moment.</p>' in html
    assert "<li>failed</li>" in html


def test_says_which_version_of_a_message_it_has() -> None:
    html = page(question("Why?"), reply("x"), versions={"reply": Version(2, 3)})

    assert "· version 2 of 3</span>" in html
    assert "This is one branch of the conversation." in html
    assert "one branch" not in page(question("Why?"), reply("x"), versions={"other": Version(1, 2)})


def test_has_images_in_the_page_and_loads_none() -> None:
    web = {"type": "image_url", "image_url": {"url": "https://a.b/c.png?x=<b>"}}
    script = {"type": "image_url", "image_url": {"url": 'data:image/png;base64,AA"onerror="alert(1)'}}
    vector = {"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,AAAA"}}

    html = page(question([{"type": "text", "text": "What?"}, IMAGE_PART, web, script, vector]))

    assert re.findall("<img [^>]*>", html) == [
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Attached image">'
    ]
    assert "https://a.b/c.png?x=&lt;b&gt;" in html


def test_allows_its_own_style_and_nothing_else() -> None:
    html = page(question("Why?"))

    [policy] = re.findall('Content-Security-Policy" content="([^"]+)"', html)
    [style] = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert " style=" not in html
    assert "<script" not in html


@pytest.mark.parametrize("where", ["title", "text", "reasoning", "refusal", "model", "param", "error"])
def test_escapes_and_redacts(where: str) -> None:
    register_key(KEY)
    hostile = f"</style></pre><script>alert(1)</script>{KEY}"
    changes = {
        "reasoning": {"reasoning": hostile},
        "refusal": {"refusal": hostile},
        "model": {"model": hostile},
        "param": {"params": {"user": hostile}},
        "error": {"error": Explanation(hostile, hostile)},
    }
    run = replace(RESPONSE, **changes.get(where, {}))  # type: ignore[arg-type]

    html = page(
        reply(hostile if where == "text" else "x"), run=run, title=hostile if where == "title" else "Sky"
    )

    assert "alert(1)" in html
    assert "<script" not in html
    assert html.count("</style>") == 1
    assert KEY not in html
