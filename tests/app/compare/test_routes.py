"""The routes of a comparison: one stream of all runs, follow-ups, Stop, and the changes of variants."""

import asyncio

import httpx2
import pytest

from components.compare.comparisons import update_comparison
from components.session.live_session import LiveSession
from core.compare.quick.comparison import QuickComparison
from core.sandbox.server import SandboxServer
from tests.app.compare.conftest import PROMPT, ComparisonClient, parse_events

ROUTES = [
    ("GET", "/comparisons/1"),
    ("POST", "/comparisons/1/prompt"),
    ("POST", "/comparisons/1/run"),
    ("GET", "/comparisons/1/stream"),
    ("GET", "/comparisons/1/differences"),
    ("POST", "/comparisons/1/stop"),
    ("POST", "/comparisons/1/variants/a/copy"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_rejects_a_request_without_the_token_of_a_session(
    http: httpx2.AsyncClient, method: str, path: str
) -> None:
    assert (await http.request(method, path)).status_code == 401


async def test_explains_that_a_comparison_is_gone(comparison: ComparisonClient) -> None:
    comparison.id = "0" * 32

    response = await comparison.get()

    assert response.status_code == 400
    assert "Reload" in response.json()["hint"]


async def test_streams_all_replies_over_one_connection(
    comparison: ComparisonClient, server: SandboxServer
) -> None:
    # A run that has ended before the stream begins has only its end in it.
    server.settings.update({"latency": "ttft=0.3,tps=40"})
    events = await comparison.run()

    assert [events[0]["t"], events[-1]["t"]] == ["start", "summary"]
    started = events[0]["started"]
    assert len(started) == 3
    for run_id in started:
        of_run = [event for event in events[1:-1] if event.get("run") == run_id]
        assert of_run[-1]["t"] == "end"
        text = "".join(event["s"] for event in of_run if event["t"] == "text")
        assert text == of_run[-1]["message"]["text"]
        assert "42" in text


async def test_names_identical_replies_at_the_end(comparison: ComparisonClient) -> None:
    events = await comparison.run()

    assert events[-1]["summary"]["identical"] == [["a", "b", "c"]]


async def test_shows_the_replies_again(comparison: ComparisonClient) -> None:
    events = await comparison.run()

    view = await comparison.view()

    messages = {event["run"]: event["message"] for event in events if event["t"] == "end"}
    replies = view["turns"][0]["replies"]
    assert {reply["run"]: reply["message"] for reply in replies.values()} == messages
    assert view["summary"] == events[-1]["summary"]


async def test_shows_the_metrics_in_which_variants_differ(comparison: ComparisonClient) -> None:
    events = await comparison.run()

    labels = {metric["label"] for metric in events[-2]["message"]["run"]["metrics"]}
    expected = {"to first token", "total", "input tokens", "output tokens", "at list price", "Sandbox reply"}
    assert expected <= labels
    assert not labels & {"Tier", "Model", "Request ID"}


async def test_goes_on_if_one_variant_fails(http: httpx2.AsyncClient, session: LiveSession) -> None:
    comparison = ComparisonClient(http, session, "no-such-model", "gpt-4o-mini")

    await comparison.run()

    replies = (await comparison.view())["turns"][0]["replies"]
    failed, done = (replies[variant]["message"]["run"] for variant in "ab")
    assert failed["state"] == "failed"
    assert failed["error"]["title"]
    assert done["state"] == "done"


async def test_continues_all_variants_with_a_follow_up(comparison: ComparisonClient) -> None:
    await comparison.run()

    await comparison.run("And 6 times 8?", follow_up=True)

    view = await comparison.view()
    assert [turn["prompt"] for turn in view["turns"]] == [PROMPT, "And 6 times 8?"]
    assert view["prompt"] == PROMPT
    assert all("48" in reply["message"]["text"] for reply in view["turns"][1]["replies"].values())


async def test_starts_over_with_another_prompt(comparison: ComparisonClient) -> None:
    await comparison.run()
    await comparison.run("And 6 times 8?", follow_up=True)

    await comparison.run("What is 2 plus 2?")

    view = await comparison.view()
    assert view["prompt"] == "What is 2 plus 2?"
    assert [turn["prompt"] for turn in view["turns"]] == ["What is 2 plus 2?"]


async def test_runs_one_variant_again(comparison: ComparisonClient) -> None:
    await comparison.run()
    before = (await comparison.view())["turns"][0]["replies"]

    events = parse_events(await comparison.post("run", variant="b"))

    after = (await comparison.view())["turns"][0]["replies"]
    assert events[0]["started"] == [after["b"]["run"]]
    assert after["b"]["run"] != before["b"]["run"]
    assert {name: after[name] for name in "ac"} == {name: before[name] for name in "ac"}


async def test_stops_one_run_and_then_all(comparison: ComparisonClient, server: SandboxServer) -> None:
    server.settings.update({"faults": ["slow=60*3"]})
    running = asyncio.create_task(comparison.run())
    first, *others = await comparison.wait_for_runs(3)

    await comparison.post("stop", run=first)
    assert sorted(await comparison.wait_for_runs(2)) == sorted(others)
    await comparison.post("stop")

    ends = {event["run"]: event["message"]["run"]["state"] for event in await running if event["t"] == "end"}
    assert ends == dict.fromkeys([first, *others], "stopped")


async def test_refuses_a_prompt_while_replies_are_in_progress(
    comparison: ComparisonClient, server: SandboxServer
) -> None:
    server.settings.update({"faults": ["slow=60*3"]})
    running = asyncio.create_task(comparison.run())
    await comparison.wait_for_runs(3)

    for body in ({"text": "Again"}, {"variant": "a"}):
        response = await comparison.post("run", **body)
        assert response.status_code == 400
        assert "in progress" in response.json()["title"]

    await comparison.post("stop")
    await running


async def test_follows_running_replies_again_from_where_a_reader_was(
    comparison: ComparisonClient, server: SandboxServer
) -> None:
    server.settings.update({"latency": "ttft=0.05,tps=100"})
    running = asyncio.create_task(comparison.run("Count to 30."))
    runs = await comparison.wait_for_runs(3)

    query = "&".join(f"run={run_id}:0" for run_id in runs)
    resumed = parse_events(await comparison.get(f"/stream?{query}"))

    original = await running
    for run_id in runs:
        texts = [
            "".join(event["s"] for event in events if event.get("run") == run_id and event["t"] == "text")
            for events in (original, resumed)
        ]
        assert texts[0] == texts[1] != ""
    again = parse_events(await comparison.get(f"/stream?run={runs[0]}:5"))
    assert [event["t"] for event in again] == ["end", "summary"]


async def test_follows_no_run_of_another_comparison(comparison: ComparisonClient) -> None:
    events = await comparison.run()
    other = ComparisonClient(comparison.http, comparison.session, "gpt-4o-mini", "gpt-4o")

    followed = parse_events(await other.get(f"/stream?run={events[0]['started'][0]}:0"))

    assert [event["t"] for event in followed] == ["summary"]


async def test_shows_the_tool_calls_of_a_reply(comparison: ComparisonClient) -> None:
    function = {
        "name": "get_weather",
        "description": "Return the weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    tools = ({"type": "function", "function": function},)

    def add_tools(current: QuickComparison) -> QuickComparison:
        return current.with_variant(current.variant("a").model_copy(update={"tools": tools}))

    update_comparison(comparison.id, add_tools)

    events = await comparison.run("What is the weather in Paris?")

    view = await comparison.view()
    message = view["turns"][0]["replies"]["a"]["message"]
    assert "**Tool call** `get_weather`" in message["text"]
    assert "Paris" in message["text"]
    ended = [event["message"] for event in events if event["t"] == "end"]
    assert message in ended
    assert view["variants"][0]["settings"] == ["1 tool"]


async def test_saves_the_prompt_while_it_is_typed(comparison: ComparisonClient) -> None:
    await comparison.post("prompt", text="Half a sent")

    assert (await comparison.view())["prompt"] == "Half a sent"


async def test_changes_the_variants(comparison: ComparisonClient) -> None:
    await comparison.post("variants/a/rename", name="  Cheap ")
    await comparison.post("variants/a/model", model="gpt-4.1", server="test")
    await comparison.post("variants/a/move", steps=1)
    await comparison.post("variants/b/copy")
    view = (await comparison.post("variants/c/remove")).json()

    first, copy, renamed = view["variants"]
    assert (first["id"], copy["model"]) == ("b", first["model"])
    assert (renamed["name"], renamed["model"]) == ("Cheap", "gpt-4.1")


async def test_marks_a_reply_whose_variant_was_edited_since(comparison: ComparisonClient) -> None:
    await comparison.run()

    view = (await comparison.post("variants/a/model", model="gpt-4.1", server="test")).json()

    replies = view["turns"][0]["replies"]
    assert {variant: reply["is_stale"] for variant, reply in replies.items()} == {
        "a": True,
        "b": False,
        "c": False,
    }


async def test_stops_the_reply_of_a_variant_that_is_removed(
    comparison: ComparisonClient, server: SandboxServer
) -> None:
    server.settings.update({"faults": ["slow=60*3"]})
    running = asyncio.create_task(comparison.run())
    await comparison.wait_for_runs(3)
    removed = (await comparison.view())["turns"][0]["replies"]["a"]["run"]
    job = comparison.session.calls.job(removed)
    assert job

    await comparison.post("variants/a/remove")

    await job.saved.wait()
    assert job.log.snapshot().state.value == "stopped"
    assert len(await comparison.wait_for_runs(2)) == 2
    await comparison.post("stop")
    await running


@pytest.mark.parametrize("path", ["variants/a/explode", "variants/x/copy"])
async def test_explains_a_change_that_is_impossible(comparison: ComparisonClient, path: str) -> None:
    response = await comparison.post(path)

    assert response.status_code == 400
    assert response.json()["title"]


async def test_returns_the_differences_of_two_replies(comparison: ComparisonClient) -> None:
    none_yet = await comparison.get("/differences?left=a&right=b")
    assert none_yet.status_code == 400
    await comparison.run()

    difference = (await comparison.get("/differences?left=a&right=b")).json()

    assert difference["equal"] == "100%"
    assert "42" in "".join(text for text, _changed in difference["left"])


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_refuses_an_empty_prompt(comparison: ComparisonClient, text: str) -> None:
    response = await comparison.post("run", text=text)

    assert response.status_code == 400
    assert "empty" in response.json()["title"]
