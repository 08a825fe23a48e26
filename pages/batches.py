"""Send many requests as one batch, and follow it until the results are beside their inputs."""

from components.batches.batch_list import batch_list, has_batches
from components.batches.detail import batch_detail, opened_record
from components.batches.example import example_button
from components.shell.page_header import page_header

page_header("batches.py")
record = opened_record()
if record:
    batch_detail(record)
else:
    example_button(has_batches=has_batches())
    batch_list()
