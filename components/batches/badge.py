"""How far a batch has come, and what it cost, in a few words."""

from components.runtime.batches import submission_jobs
from components.ui.formatting import format_dollars
from components.ui.markdown_escape import escape_markdown
from core.batches.batch import BatchOutcome, BatchRecord, BatchStatus
from core.server_kind import ServerKind

STATUS_LABELS = {
    BatchStatus.PREPARED: "Not submitted",
    BatchStatus.VALIDATING: "Validating",
    BatchStatus.FAILED: "Failed",
    BatchStatus.IN_PROGRESS: "In progress",
    BatchStatus.FINALIZING: "Finalizing",
    BatchStatus.COMPLETED: "Completed",
    BatchStatus.EXPIRED: "Expired",
    BatchStatus.CANCELLING: "Cancelling",
    BatchStatus.CANCELLED: "Cancelled",
    BatchStatus.STOPPED: "Stopped",
    BatchStatus.GONE: "No longer on the server",
}
_COLOURS = {
    BatchOutcome.PENDING: ("gray", "hourglass_empty"),
    BatchOutcome.UNKNOWN: ("gray", "help"),
    BatchOutcome.ALL_SUCCEEDED: ("green", "check"),
    BatchOutcome.SOME_SUCCEEDED: ("orange", "warning"),
    BatchOutcome.ALL_FAILED: ("red", "error"),
}


def outcome_badge(record: BatchRecord) -> str:
    """Return a badge in Markdown: green only if every request succeeded."""
    colour, icon = _COLOURS[record.outcome]
    if record.status in (BatchStatus.CANCELLED, BatchStatus.STOPPED) and not record.counts.failed:
        colour, icon = "gray", "block"
    is_prepared = record.status == BatchStatus.PREPARED and not submission_jobs().is_running(record.id)
    if is_prepared and record.submission_error:
        colour, icon = "red", "error"
    return f":{colour}-badge[:material/{icon}: {escape_markdown(outcome_text(record))}]"


def outcome_text(record: BatchRecord) -> str:
    label, headline = STATUS_LABELS[record.status], record.headline
    match record.status:
        case BatchStatus.PREPARED:
            if submission_jobs().is_running(record.id):
                return "Submitting"
            return f"{label}: {error.title}" if (error := record.submission_error) else label
        case BatchStatus.IN_PROGRESS | BatchStatus.CANCELLING:
            return f"{label}: {headline}"
        case BatchStatus.VALIDATING | BatchStatus.FINALIZING:
            return label
        case BatchStatus.EXPIRED | BatchStatus.CANCELLED | BatchStatus.STOPPED if (
            record.outcome != BatchOutcome.UNKNOWN
        ):
            counts = record.results or record.counts
            return f"{label}: {counts.completed:,} of {counts.total:,} succeeded"
        case BatchStatus.COMPLETED if record.outcome == BatchOutcome.UNKNOWN:
            return label
        case _:
            return headline


def cost_text(record: BatchRecord, kind: ServerKind) -> str:
    """Return what the batch cost; empty if that is not known."""
    if record.cost is None:
        return ""
    return f"{'' if kind == 'openai' else 'list price '}{format_dollars(record.cost)}"
