"""Talk to a model, streamed or not, and see what went over the wire."""

from components import chat_controls, context_controls, inspector, live
from components.page import heading

heading("chat.py")
with chat_controls.toolbar():
    stream = chat_controls.stream_toggle()
    settings = chat_controls.parameters(stream)
    plan = context_controls.context(settings)

event = live.chat(settings, plan, [])
if event.inspect:
    inspector.show(event.inspect)
