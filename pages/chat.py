"""Talk to a model, streamed or not, and see what went over the wire."""

from components import live
from components.chat import context, conversation_drawer, parameters, prompt_drawer
from components.shell.example_prompts import starters
from components.shell.page_header import heading
from components.ui import run_inspector

with heading("chat.py"):
    conversation_drawer.buttons()
    prompt_drawer.button()
    stream = parameters.stream_toggle()
    settings = parameters.parameters(stream)
    plan = context.context(settings)

event = live.chat(settings, plan, starters())
if event.inspect:
    run_inspector.show(event.inspect)
