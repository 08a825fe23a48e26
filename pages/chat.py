"""Chat with a model, streamed or not, and inspect each request and response."""

from components import live
from components.chat import context, parameters
from components.chat.conversation_settings import apply_conversation_settings
from components.chat.opened_request import apply_opened_request
from components.chat.toolbar import toolbar_buttons
from components.session.compare_handover import open_in_compare
from components.session.tokens_handover import open_in_tokens
from components.shell.example_prompts import example_prompts
from components.shell.page_header import page_header
from components.ui.inspector import run_inspector
from components.ui.stream_toggle import stream_toggle

apply_opened_request()
apply_conversation_settings()
with page_header("chat.py"):
    toolbar_buttons()
    stream = stream_toggle()
    settings = parameters.parameters_menu(stream)
    trim = context.context_menu(settings)
parameters.chosen_settings()

event = live.chat(settings, trim, example_prompts())
if event.inspect:
    run_inspector.show(event.inspect)
if event.tokens:
    open_in_tokens(event.tokens)
if event.compare:
    open_in_compare(event.compare, event.contrast)
