"""What faults send in a stream of the Responses API."""

import re

from core.sandbox.responses.events import EventWriter, to_sse
from core.sandbox.responses.output import Event
from core.sandbox.simulation.fault_responses import StreamFormat

_SEQUENCE_NUMBER = re.compile(rb'"sequence_number":\d+')
_ERROR: Event = {
    "type": "error",
    "code": "server_error",
    "message": "The server had an error while processing your request.",
    "param": None,
}
_VLLM_ERROR = (
    b'data: {"object":"error","message":"The engine died.","type":"InternalServerError","code":500}\n\n'
)


def stream_format(writer: EventWriter) -> StreamFormat:
    """Return the format of the stream of *writer*. Numbers are set when the events have their places."""
    response = writer.response
    index = writer.first_index
    first = response.output[index] if index < len(response.output) else None
    place = {"item_id": first.id if first else "", "output_index": index, "content_index": 0}
    content = {"type": "response.output_text.delta", **place, "delta": "CONTENT", "logprobs": []}
    null_item = {"type": "response.output_item.added", "output_index": len(response.output), "item": None}
    failed = {"type": "response.failed", "response": response.to_dict("failed", is_stream=True)}
    return StreamFormat(
        content=to_sse(content, 0).replace(b"%", b"%%").replace(b'"CONTENT"', b"%s"),
        lead=sum(1 for _ in writer.lead()) + (len(first.opening()) if first else 0),
        inserted={
            "malformed": b'event: response.output_text.delta\ndata: {"type":"response.output_text\n\n',
            "empty-event": b"data:\n\n",
            "null-choices": to_sse(null_item, 0),
        },
        last={
            "error-event": to_sse(_ERROR, 0),
            "response-failed": to_sse(failed, 0),
            "flat-error": _VLLM_ERROR,
        },
        renumber=_renumber,
    )


def _renumber(event: bytes, number: int) -> bytes:
    return _SEQUENCE_NUMBER.sub(b'"sequence_number":%d' % number, event, count=1)
