"""A batch as code that runs as it is: submit the input file, watch the batch, and join its results."""

from pathlib import Path
from textwrap import indent

from core.batches.limits import CHAT_URL, EMBEDDINGS_URL, RESPONSES_URL
from core.snippets import Snippet, SnippetFile, SnippetOptions, client_source, literal, python_snippets

INPUT_FILE = "input.jsonl"
# A larger file is downloaded on its own.
_MAX_FILE_BYTES = 1_000_000

_SCRIPT = """
# Submit: upload the requests, one JSON object per line, and create the batch.
file = client.files.create(file=Path("input.jsonl"), purpose="batch")
batch = client.batches.create(
    input_file_id=file.id,
    endpoint={endpoint},
    completion_window="24h",
    metadata={metadata},
)
print(batch.id, batch.status)

# Watch: it may take 24 hours, so the pauses become longer. Later, batches.retrieve(id) continues here.
pause = 2.0
while batch.status not in ("completed", "failed", "expired", "cancelled"):
    time.sleep(pause)
    pause = min(pause * 1.5, 60.0)
    batch = client.batches.retrieve(batch.id)
    counts = batch.request_counts
    print(batch.status, f"{{counts.completed}} of {{counts.total}}" if counts else "")
for error in (batch.errors and batch.errors.data) or []:
    print(f"line {{error.line}}: {{error.code}}: {{error.message}}")

# Join: the results are in two files, and not in the order of the requests.
results = {{}}
for file_id in (batch.output_file_id, batch.error_file_id):
    if file_id:
        content = client.files.content(file_id)
        for line in content.content.splitlines():
            result = json.loads(line)
            results[result["custom_id"]] = result
for line in Path("input.jsonl").read_bytes().splitlines():
    custom_id = json.loads(line)["custom_id"]
    result = results.get(custom_id) or {{"error": {{"code": "missing"}}}}
    response = result.get("response") or {{}}
    # "completed" only says that the batch has ended: each request may have failed.
    if response.get("status_code") == 200:
        body = response["body"]
        print(f"{{custom_id}}: {result}")
    else:
        error = result.get("error") or response["body"]["error"]
        print(f"{{custom_id}}: failed: {{error}}")
"""
# What the script prints of a response, by endpoint.
_RESULTS = {
    CHAT_URL: "{body['choices'][0]['message']['content']}",
    EMBEDDINGS_URL: "{len(body['data'])} embeddings of {len(body['data'][0]['embedding'])} dimensions",
    RESPONSES_URL: "{[item['content'] for item in body['output'] if item['type'] == 'message']}",
}
_ANY_RESULT = "{json.dumps(body, ensure_ascii=False)}"
_AWAITED = ("client.files.create", "client.batches.create", "client.batches.retrieve", "client.files.content")

_CURL = """\
BASE_URL={base_url}
AUTHORIZATION="Authorization: Bearer {key}"
# Prints the first value of a field in the JSON that it reads.
field() {{ grep -o "\\"$1\\": *\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }}

# Submit: upload the requests, one JSON object per line, and create the batch.
FILE_ID=$(curl -s "$BASE_URL/files" -H "$AUTHORIZATION" \\
  -F purpose=batch -F file=@{input_file} | field id)
BATCH_ID=$(curl -s "$BASE_URL/batches" -H "$AUTHORIZATION" -H "Content-Type: application/json" \\
  -d '{{"input_file_id": "'"$FILE_ID"'", "endpoint": "{endpoint}", "completion_window": "24h"}}' | field id)

# Watch.
while true; do
  BATCH=$(curl -s "$BASE_URL/batches/$BATCH_ID" -H "$AUTHORIZATION")
  STATUS=$(printf '%s' "$BATCH" | field status)
  echo "$BATCH_ID $STATUS"
  case "$STATUS" in
    ""|completed|failed|expired|cancelled) break ;;
  esac
  sleep 5
done

# Results and errors, each with the custom_id of its request.
for NAME in output_file_id error_file_id; do
  RESULT_ID=$(printf '%s' "$BATCH" | field "$NAME")
  if [ -n "$RESULT_ID" ]; then
    curl -s "$BASE_URL/files/$RESULT_ID/content" -H "$AUTHORIZATION"
  fi
done
"""


def batch_snippets(
    endpoint: str, title: str, input_file: Path, options: SnippetOptions
) -> tuple[Snippet, ...]:
    """Write the batch of the requests in *input_file* as sync Python, async Python and curl.

    The code reads the file, which comes with it unless it is large or was deleted.
    """
    files = _files(input_file)
    values = {
        "endpoint": literal(endpoint),
        "metadata": literal({"title": title[:512]}),
        "result": _RESULTS.get(endpoint, _ANY_RESULT),
    }
    script = _SCRIPT.format(**values).removeprefix("\n")
    curl = _CURL.format(
        base_url=options.base_url.rstrip("/"),
        key=options.api_key or "$OPENAI_API_KEY",
        input_file=INPUT_FILE,
        endpoint=endpoint,
    )
    modules = ("json", "pathlib")
    return (
        *python_snippets(
            [client_source(options, "time", *modules), client_source(options, *modules, is_async=True)],
            [script, _as_async(script)],
            files=files,
        ),
        Snippet("curl", "bash", curl, files),
    )


def _files(path: Path) -> tuple[SnippetFile, ...]:
    try:
        is_small = path.stat().st_size <= _MAX_FILE_BYTES
        return (SnippetFile(INPUT_FILE, path.read_bytes()),) if is_small else ()
    except FileNotFoundError:
        return ()


def _as_async(script: str) -> str:
    """Return the body of an async function that does what *script* does."""
    source = script.replace("time.sleep", "await asyncio.sleep")
    for call in _AWAITED:
        source = source.replace(f" {call}", f" await {call}")
    return indent(source, "    ")
