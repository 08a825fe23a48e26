"""The code that the pages show runs unchanged: copied with its files, in an environment without any key."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.apis import APIS
from core.completions.request import ChatSettings
from core.embeddings.request import EmbeddingSpec
from core.endpoints import ENDPOINTS
from core.extractor.request import Extraction, build_request
from core.extractor.schemas.presets import presets
from core.generation.api_name import ApiName
from core.images.image import normalise_image
from core.paths import DATA
from core.responses.request import response_params
from core.snippets import Snippet, SnippetOptions
from core.token_analysis.analysis import EncodingOptions, InputKind, analyse
from core.token_analysis.request_parser import EXAMPLE_REQUEST, ParsedRequest
from core.token_analysis.server_count import count_params
from core.token_analysis.snippets import local_snippet, server_snippets
from core.tools.library.catalog import LIBRARY
from core.tools.requests.apis import ChatCompletionsApi
from core.tools.requests.model_api import ToolSettings
from core.vision.request import VisionRequest
from core.vision.snippets import vision_snippets
from tests.app.conftest import OpenPage
from tests.app.vision.vision_page import ask, find
from tests.scripts import run_snippet

LABELS = ["Python", "Python async", "curl"]
CHART = normalise_image((DATA / "pictures" / "chart.png").read_bytes(), "chart.png")
IMAGE_MESSAGE = VisionRequest("What kind of image is it?", (CHART,), "low").message()


def chat_params(message: dict[str, Any], stream: bool) -> dict[str, Any]:
    settings = ChatSettings(model="gpt-4o-mini", stream=stream, temperature=0.5, stop=("###",))
    return settings.request_params([message])


def text_message(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def extraction_params(preset_id: str, language: str, stream: bool, api: ApiName) -> dict[str, Any]:
    preset = presets()[preset_id]
    settings = ChatSettings(model="gpt-4o-mini", stream=stream, api=api)
    return build_request(Extraction(preset.document, preset.texts[language], "parse"), settings)


def tool_params(stream: bool) -> dict[str, Any]:
    entry = LIBRARY[0]
    settings = ToolSettings("gpt-4o-mini", stream=stream)
    return ChatCompletionsApi().build_request(settings, [entry.tool.definition], entry.example, ())


# For each endpoint the requests that pages send, with a part of what their code prints.
EXAMPLES: dict[str, dict[str, tuple[dict[str, Any], str]]] = {
    "chat.completions.create": {
        "streamed": (chat_params(text_message("What is 6 times 7?"), stream=True), "42"),
        "not streamed": (chat_params(text_message('Say "it\'s" \n $HOME 한글'), stream=False), ""),
        "with an image": (chat_params(IMAGE_MESSAGE, stream=False), "chart"),
        "with tools": (tool_params(stream=False), "get_stock_price"),
        "with tools, streamed": (tool_params(stream=True), "get_stock_price"),
    },
    "chat.completions.parse": {
        "streamed": (extraction_params("news", "ko", True, "chat.completions"), "keywords="),
    },
    "embeddings.create": {
        "few texts": (EmbeddingSpec("text-embedding-3-small", 8).params(["one", "둘"]), "2 embeddings of 8"),
        "many texts": (
            EmbeddingSpec("text-embedding-3-small", 8).params(
                [f"text {number} 한글" for number in range(60)]
            ),
            "60 embeddings of 8",
        ),
    },
    "responses.create": {
        "streamed": (response_params(chat_params(text_message("What is 6 times 7?"), stream=True)), "42"),
        "not streamed": (
            response_params(chat_params(text_message('Say "it\'s" \n $HOME 한글'), stream=False)),
            "",
        ),
        "with an image": (response_params(chat_params(IMAGE_MESSAGE, stream=False)), "chart"),
        "with tools": (response_params(tool_params(stream=False)), "get_stock_price"),
        "with tools, streamed": (response_params(tool_params(stream=True)), "{"),
    },
    "responses.parse": {
        "not streamed": (extraction_params("invoice", "en", False, "responses"), "INV-2026-0417"),
    },
    "responses.input_tokens.count": {
        "a text": (count_params(ParsedRequest({"messages": [text_message("hello")]}), "gpt-4o-mini"), "8"),
        "an image": (count_params(ParsedRequest({"messages": [IMAGE_MESSAGE]}), "gpt-4o-mini"), ""),
    },
}


def sandbox_options(*image_names: str) -> SnippetOptions:
    return SnippetOptions(resources.sandbox().url, "sandbox", image_names)


def run(snippet: Snippet, folder: Path, **environ: str) -> str:
    output = run_snippet(snippet, folder, **environ)
    assert not re.search(r'"error": *[^n ]', output)  # a response has the error null
    return output


def pick(snippets: tuple[Snippet, ...], label: str) -> Snippet:
    assert [snippet.label for snippet in snippets] == LABELS
    return snippets[LABELS.index(label)]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    ("method", "name"), [(method, name) for method in ENDPOINTS for name in EXAMPLES.get(method, ["missing"])]
)
def test_runs_for_every_endpoint(tmp_path: Path, method: str, name: str, label: str) -> None:
    assert method in EXAMPLES, "Enter an example of the new endpoint in EXAMPLES."
    params, expected = EXAMPLES[method][name]

    output = run(pick(ENDPOINTS[method].write_snippets(params, sandbox_options()), label), tmp_path)

    assert output.strip()
    # curl prints JSON, with its own form of the result.
    assert label == "curl" or expected in output


@pytest.mark.parametrize(
    ("label", "api"), zip(LABELS, ["responses", "chat.completions", "responses"], strict=True)
)
def test_runs_with_the_image_of_the_vision_page(tmp_path: Path, label: str, api: ApiName) -> None:
    params = APIS[api].params(chat_params(IMAGE_MESSAGE, stream=True))
    snippet = pick(vision_snippets(params, api, sandbox_options("chart.png"), "base64"), label)

    assert run(snippet, tmp_path).strip()
    assert (tmp_path / "chart.png").exists() is (label != "curl")


@pytest.mark.parametrize(
    ("label", "api"), zip(LABELS, ["chat.completions", "responses", "responses"], strict=True)
)
def test_runs_with_the_url_of_an_image(tmp_path: Path, label: str, api: ApiName) -> None:
    params = APIS[api].params(chat_params(IMAGE_MESSAGE, stream=False))

    assert run(pick(vision_snippets(params, api, sandbox_options(), "url"), label), tmp_path).strip()


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_uploads_the_image_and_asks_about_its_id(tmp_path: Path, number: int) -> None:
    params = chat_params(IMAGE_MESSAGE, stream=number == 1)

    snippet = vision_snippets(params, "chat.completions", sandbox_options("chart.png"), "file id")[number]

    assert "base64" not in snippet.source
    assert "chart" in run(snippet, tmp_path)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("kind", ["text", "request"])
def test_counts_on_the_server(tmp_path: Path, kind: InputKind, label: str) -> None:
    text = EXAMPLE_REQUEST if kind == "request" else "It's 한글 $HOME"
    analysis = analyse(kind, text, EncodingOptions("gpt-4o-mini"))

    output = run(pick(server_snippets(analysis, sandbox_options()), label), tmp_path)

    assert label == "curl" or int(output) > 0


def test_counts_locally(tmp_path: Path) -> None:
    analysis = analyse("text", "hello world", EncodingOptions("gpt-4o-mini"))

    assert run(local_snippet(analysis), tmp_path, TIKTOKEN_CACHE_DIR=str(DATA / "tiktoken")) == "2\n"


def drawn_code(page: AppTest) -> list[str]:
    """Return the code on the page that calls the server."""
    assert not page.exception
    return [block.value for block in page.code if "OpenAI(" in block.value or block.value.startswith("curl")]


def drawn_files(page: AppTest) -> set[str]:
    return {button.proto.label for button in page.get("download_button")}


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def assert_has_the_key_of_the_sandbox(sources: list[str]) -> None:
    base_url = resources.sandbox().url
    assert any(source.startswith("curl") for source in sources)
    for source in sources:
        assert base_url in source
        assert 'api_key="sandbox"' in source or "Bearer sandbox" in source
        assert "OPENAI_API_KEY" not in source


def test_is_for_the_sandbox_on_the_embeddings_page(open_page: OpenPage) -> None:
    page = open_page("embeddings")
    page.text_area[0].set_value("\n".join(f"text {number}" for number in range(60))).run()
    press(page, "Embed")
    while any(button.label == "Stop" for button in page.button):
        page.run()

    press(page, "Request details")

    assert_has_the_key_of_the_sandbox(drawn_code(page))
    assert {"input.json", "request.json"} <= drawn_files(page)


@pytest.mark.parametrize("kind", ["text", "request"])
def test_runs_as_drawn_on_the_tokens_page(open_page: OpenPage, tmp_path: Path, kind: str) -> None:
    page = open_page("tokens")
    page.segmented_control(key="tokens.kind").set_value(kind)
    page.session_state["tokens.panel"] = "Code"

    sources = drawn_code(page.run())

    assert_has_the_key_of_the_sandbox(sources)
    assert int(run(Snippet("Python", "python", sources[0]), tmp_path)) > 0


def test_is_for_the_sandbox_on_the_vision_page_with_its_image(open_page: OpenPage) -> None:
    page = press(open_page("vision"), "Code")

    sources = [source for source in drawn_code(page) if "client.files" not in source]
    assert_has_the_key_of_the_sandbox(sources)
    assert any('Path("chart.png")' in source for source in sources)
    assert {"chart.png", "request.json"} <= drawn_files(page)


@pytest.mark.parametrize("label", LABELS)
def test_continues_the_response_that_the_vision_page_has_received(
    open_page: OpenPage, tmp_path: Path, label: str
) -> None:
    page = open_page("vision")
    find(page.segmented_control, "API").set_value("responses").run()
    find(page.segmented_control, "Conversation state").set_value("previous_response_id").run()
    ask(page, "How large is it?")

    sources = [source for source in drawn_code(press(page, "Code")) if "previous_response_id" in source]

    language = "bash" if label == "curl" else "python"
    source = sources[LABELS.index(label)]
    assert "1,200×800 px" in run(Snippet(label, language, source), tmp_path)
