"""Talk to a model, streamed or not, and see what went over the wire."""

from components import chat_controls, context_controls, conversations, inspector, live, prompts
from components.page import heading
from components.starters import starters

with heading("chat.py"):
    conversations.buttons()
    prompts.button()
    stream = chat_controls.stream_toggle()
    settings = chat_controls.parameters(stream)
    plan = context_controls.context(settings)

event = live.chat(settings, plan, starters())
if event.inspect:
    inspector.show(event.inspect)
