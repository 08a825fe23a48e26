"""The schema that a request has sent, to extract again with it."""

import json

from core.apis import api_of
from core.json_schema.schema import SchemaDocument
from core.json_values import json_object, json_objects
from core.runs.run import Run

_DEFAULT_NAME = "Extraction"


def sent_schema(run: Run) -> SchemaDocument | None:
    """Return the schema of the response format of *run*, or else the one in its instructions."""
    params = api_of(run.endpoint).chat_params(run.params)
    response_format = json_object(params.get("response_format"))
    if response_format.get("type") == "json_schema":
        sent = json_object(response_format.get("json_schema"))
        return SchemaDocument(str(sent.get("name") or _DEFAULT_NAME), dict(json_object(sent.get("schema"))))
    for message in json_objects(params.get("messages")):
        _, _, text = str(message.get("content")).partition(":\n")
        try:
            schema = json.loads(text)
        except ValueError:
            continue
        if isinstance(schema, dict) and message.get("role") in ("system", "developer"):
            return SchemaDocument(str(schema.get("title") or _DEFAULT_NAME), schema)
    return None
