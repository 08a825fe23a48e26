"""The page around the live component, as Streamlit would serve it, and the data that it hands over."""

import json
from collections.abc import Mapping
from typing import Any

TOKEN = "stub-token"
CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; connect-src 'self'; "
    "img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:"
)
# What Streamlit 1.67 sets on the component with its default light and dark palettes.
THEMES = {
    "light": {
        "text-color": "#2F2D2B",
        "background-color": "#FFFFFF",
        "secondary-background-color": "#F8F8F7",
        "primary-color": "#3b5bdb",
        "link-color": "#244FB4",
        "code-background-color": "rgba(252, 252, 251, 1)",
        "red-text-color": "#9E303B",
        "red-background-color": "#FFF1F2",
        "orange-text-color": "#9B4519",
        "green-text-color": "#0C5A44",
        "blue-text-color": "#244FB4",
        "violet-text-color": "#6F33B8",
    },
    "dark": {
        "text-color": "#EDEBE8",
        "background-color": "#171614",
        "secondary-background-color": "#2D2B27",
        "primary-color": "#91a7ff",
        "link-color": "#85B8F8",
        "code-background-color": "rgba(34, 33, 30, 1)",
        "red-text-color": "#F2919A",
        "red-background-color": "#412023",
        "orange-text-color": "#F2A56D",
        "green-text-color": "#7ED5B0",
        "blue-text-color": "#85B8F8",
        "violet-text-color": "#BF8EF7",
    },
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Live</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; background: {page}; color: {text} }}
main {{ {theme} padding: 1rem }} h1 {{ font: 600 1.25rem sans-serif; margin: 0 0 .5rem }}</style></head>
<body><main><h1>Chat</h1><div id="host"></div></main><script type="module">
import {{ mount }} from "/live/assets/live.js";
const root = document.getElementById("host").attachShadow({{ mode: "open" }});
window.triggers = [];
window.mountWith = (data) => {{
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  const setTriggerValue = (name, value) => window.triggers.push([name, value]);
  return mount({{ parentElement: root, data: bytes, setTriggerValue, key: "k", name: "live" }});
}};
window.liveData = {data};
window.liveCleanup = window.mountWith(window.liveData);
</script></body></html>"""
DATA = {
    "token": TOKEN,
    "conversation": "c1",
    "settings": "s1",
    "streaming": True,
    "model": "gpt-6-luna",
    "supports_images": True,
    "placeholder": "",
    "example_prompts": [
        {"title": "Explain a concept", "prompt": "Explain streaming to someone who has never seen an API."},
        {"title": "Write code", "prompt": "Write a Python function that retries with backoff, with a test."},
        {"title": "한국어로", "prompt": "스트리밍 응답이 왜 빠르게 느껴지는지 설명해 주세요."},
        {"title": "Compare", "prompt": "Compare three ways to store embeddings, as a table."},
    ],
    "draft": None,
    "notice": None,
    "readonly": False,
    "mode": "chat",
    "run": None,
    "labels": {},
}
METRICS = [
    {"label": "to first token", "value": "0.21 s", "hint": "Time to first token"},
    {"label": "total", "value": "1.94 s", "hint": "Whole request"},
    {"label": "tokens/s", "value": "82", "hint": "After the first token"},
    {"label": "input tokens", "value": "34", "hint": "As billed"},
    {"label": "output tokens", "value": "143", "hint": "As billed"},
    {"label": "Cost", "value": "$0.00012", "hint": "List prices of 2026-11-22", "label_first": True},
    {"label": "Finished", "value": "stop", "hint": "Finish reason", "label_first": True},
]
CONTEXT_USAGE = {
    "tokens": 1204,
    "window": 128000,
    "max_output": 16384,
    "share": 0.12,
    "text": "1.2k / 128k",
    "level": "ok",
    "detail": "Estimated tokens of the next request",
}
CONFLICT = {"title": "The page is changing to another conversation.", "hint": "Send it again in a moment."}


def page_html(theme: str, data: Mapping[str, Any]) -> str:
    """The page in a *theme*; *data* replaces parts of `DATA`."""
    colours = THEMES[theme]
    style = " ".join(f"--st-{name}: {value};" for name, value in colours.items())
    # A message with a "</script>" in it must not end the script.
    encoded = json.dumps({**DATA, **data}).replace("<", "\\u003c")
    page, text = colours["background-color"], colours["text-color"]
    return PAGE.format(page=page, text=text, theme=style, data=encoded)
