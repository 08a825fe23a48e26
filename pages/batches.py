"""Send many requests as one batch, and follow it until the results are beside their inputs."""

from components.batches.batch_list import batch_list
from components.batches.detail import batch_detail, opened_record
from components.shell.page_header import page_header

page_header("batches.py")
record = opened_record()
if record:
    batch_detail(record)
else:
    batch_list()
