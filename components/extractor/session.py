"""The state of the Schema extractor page: the schema, what was typed into its views, and the extractions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from components.extractor.repositories import extraction_repository, job_repository
from components.runtime import resources
from components.session import session
from components.session.panel_cache import PanelCache
from core.apis import api_of
from core.calls import new_run
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.jobs.consistency_job import MAX_RUNS
from core.extractor.jobs.extraction_job import item_extraction, item_request
from core.extractor.request import Extraction, Method, build_correction, build_request, new_call
from core.extractor.results.outcome import Outcome, OutcomeKind, outcome_of
from core.extractor.schemas.presets import presets
from core.generation.api_name import ApiName
from core.json_schema.schema import SchemaDocument
from core.runner.options import INTERACTIVE_OPTIONS
from core.runner.runner import Runner
from core.runner.work import ItemState, WorkItem, WorkJob
from core.runs import event_loop
from core.runs.run import Run, RunState

SchemaView = Literal["Pydantic", "JSON Schema", "Fields"]
# The keys of the widgets whose values are saved as a draft.
TEXT_KEY, METHOD_KEY, INPUT_KEY = "extractor.text", "extractor.method", "extractor.input"
PRESET_KEY, LANGUAGE_KEY, VIEW_KEY = "extractor.preset", "extractor.language", "extractor.view"
INSTRUCTIONS_KEY, MAX_TOKENS_KEY = "extractor.instructions", "extractor.max_tokens"
STRICT_KEY, PASTE_KEY = "extractor.strict_toggle", "extractor.documents.paste"
API_KEY = "extractor.api"
_SENT = (ItemState.RUNNING, ItemState.DONE, ItemState.FAILED)
DEFAULT_PRESET, DEFAULT_LANGUAGE = "news", "ko"


@dataclass(frozen=True, slots=True)
class ExtractionAttempt:
    """An extraction and its run; *label* tells it from the others of a comparison.

    *corrected* counts how often the model was asked to correct its reply.
    """

    label: str
    extraction: Extraction
    run_id: str
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class EditedSchema:
    """A schema as it is edited.

    *typed* is what was typed into each view, with the digest of its schema; *rejected* is what is not valid,
    and why. *before_fix* is the schema before the last correction.
    """

    document: SchemaDocument
    before_fix: SchemaDocument | None = None
    typed: Mapping[SchemaView, tuple[str, str]] = field(default_factory=dict)
    rejected: Mapping[SchemaView, tuple[PlaygroundError, str]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class ExtractorSession:
    """The state of this browser session.

    *attempts* are the extractions that are shown; if *jobs* repeat an extraction, they are its repetitions.
    *version* changes with the schema and is part of the keys of its views, which then show the new one.
    """

    document: SchemaDocument = field(default_factory=lambda: presets()[DEFAULT_PRESET].document)
    version: int = 0
    before_fix: SchemaDocument | None = None
    attempts: list[ExtractionAttempt] = field(default_factory=list)
    jobs: list[WorkJob] = field(default_factory=list)
    error: PlaygroundError | None = None
    starts: int = 0
    # Of the schema that was saved last, which is in the URL.
    saved_digest: str = ""
    # What panels have computed from the schema.
    cache: PanelCache = field(default_factory=PanelCache)
    _typed: dict[SchemaView, tuple[str, str]] = field(default_factory=dict)
    _rejected: dict[SchemaView, tuple[PlaygroundError, str]] = field(default_factory=dict)
    _outcomes: dict[str, Outcome] = field(default_factory=dict)

    def replace(self, document: SchemaDocument, before_fix: SchemaDocument | None = None) -> None:
        """Use another schema. *before_fix* is the one to return to if a correction is undone."""
        self.document, self.before_fix = document, before_fix
        self.version += 1
        self._rejected.clear()

    def edited(self) -> EditedSchema:
        """Return the schema as it is edited, to restore it."""
        return EditedSchema(self.document, self.before_fix, dict(self._typed), dict(self._rejected))

    def restore(self, edited: EditedSchema) -> None:
        """Edit what another session has edited."""
        self.replace(edited.document, edited.before_fix)
        self._typed, self._rejected = dict(edited.typed), dict(edited.rejected)

    def edit(
        self, view: SchemaView, text: str, parse: Callable[[str, SchemaDocument], SchemaDocument]
    ) -> None:
        """Use the schema of *text*, typed into *view*; an invalid one is reported and stays in its view.

        *parse* also gets the present schema.
        """
        try:
            document = parse(text, self.document)
        except PlaygroundError as error:
            self._rejected[view] = (error, text)
            return
        self._rejected.pop(view, None)
        # A text area can send its text twice, on Ctrl+Enter and when it loses the focus.
        if document.digest != self.document.digest:
            self.replace(document)
        # What was typed has comments and an order that the schema does not.
        self._typed[view] = (document.digest, text)

    def text_of(self, view: SchemaView, write: Callable[[SchemaDocument], str]) -> str:
        """Return the text of *view*: what was typed last if it is invalid or still that of the schema.

        Raises PlaygroundError.
        """
        if view in self._rejected:
            return self._rejected[view][1]
        digest, text = self._typed.get(view, ("", ""))
        if digest == self.document.digest:
            return text
        return self.cache.get_or_compute(view, self.document, None, lambda: write(self.document))

    def problem(self, view: SchemaView) -> PlaygroundError | None:
        """Return why the last text of *view* was not used."""
        return self._rejected[view][0] if view in self._rejected else None

    def reject(self, view: SchemaView, error: PlaygroundError) -> None:
        self._rejected[view] = (error, "")

    def start(self, extractions: Sequence[Extraction], settings: ChatSettings) -> None:
        """Start a run for each of *extractions*. One that cannot be sent is reported instead."""
        self.clear()
        try:
            self.save_schema()
            for extraction in extractions:
                run_id = _start(extraction.method, settings.api, build_request(extraction, settings))
                self.attempts.append(ExtractionAttempt(extraction.method, extraction, run_id))
        except PlaygroundError as error:
            self.error = error

    def start_repetitions(self, jobs: Sequence[tuple[WorkJob, Sequence[WorkItem]]]) -> None:
        """Start the jobs that repeat an extraction."""
        self.clear()
        self.save_schema()
        for job, items in jobs:
            job_repository().create(job, items)
            self.resume_repetitions(job)

    def resume_repetitions(self, job: WorkJob) -> None:
        """Send the requests of *job* that are left, and show its results beside those of the other jobs."""
        if job.id not in {shown.id for shown in self.jobs}:
            self.attempts = self.attempts if self.jobs else []
            self.jobs.append(job)
        calls, profile = session.live_session().calls, session.profile()
        starting = resources.runners().start(
            job, calls, profile, partial(item_request, job), options=INTERACTIVE_OPTIONS
        )
        event_loop.run_until_complete(starting)

    def clear(self) -> None:
        """Stop what is running, and show nothing of it."""
        self.stop()
        self.attempts, self.jobs, self.error = [], [], None
        self.starts += 1
        self._outcomes.clear()

    def stop(self) -> None:
        """Stop the running calls. What has arrived stays."""
        for runner in self.runners():
            stop_runner(runner)
        if not self.jobs:
            for attempt in self.attempts:
                stop(attempt.run_id)

    def runners(self) -> list[Runner]:
        """Return the runners of the repetitions that are under way."""
        runners = [resources.runners().get(job.id, session.OWNER) for job in self.jobs]
        return [runner for runner in runners if runner]

    def refresh_repetitions(self) -> None:
        """Show the repetitions that have started since the last time."""
        self.attempts = [
            ExtractionAttempt(item.data["name"], item_extraction(job, item.data), item.run_id)
            for job in self.jobs
            for item in job_repository().queue(job.id).items(_SENT, MAX_RUNS)
            if item.run_id
        ]

    def save_schema(self) -> None:
        """Save the schema, also for a reload of the page after a restart."""
        extraction_repository().save_schema(self.document)
        self.saved_digest = self.document.digest

    def ask_again(self, attempt: ExtractionAttempt, run: Run, outcome: Outcome) -> None:
        """Replace *attempt* by one in which the model sees its reply and the problems."""
        params = build_correction(run, outcome.problem_list())
        run_id = _start(attempt.extraction.method, api_of(run.endpoint).name, params)
        corrected = ExtractionAttempt(attempt.label, attempt.extraction, run_id, attempt.corrected + 1)
        self.attempts = [corrected if item is attempt else item for item in self.attempts]

    def runs(self) -> dict[str, Run]:
        """Return the runs of the attempts by id, running ones as they are now."""
        return session.live_session().calls.current_runs([attempt.run_id for attempt in self.attempts])

    def outcome(self, attempt: ExtractionAttempt, run: Run | None) -> Outcome:
        """Return the outcome of *attempt*; a run that is not in the database has failed."""
        if attempt.run_id in self._outcomes:
            return self._outcomes[attempt.run_id]
        run = run or Run("extractor", "", {}, state=RunState.FAILED)
        outcome = outcome_of(run, attempt.extraction.document.schema)
        if outcome.kind is not OutcomeKind.RUNNING:
            self._outcomes[attempt.run_id] = outcome
        return outcome

    def is_running(self) -> bool:
        calls = session.live_session().calls
        return bool(self.runners()) or any(calls.job(attempt.run_id) for attempt in self.attempts)


def _start(method: Method, api: ApiName, params: dict[str, object]) -> str:
    call, profile = new_call(method, api), session.profile()
    run = new_run("extractor", call.endpoint, params, profile)
    event_loop.run_until_complete(session.live_session().calls.start(run, call, profile))
    return run.id


def stop_runner(runner: Runner) -> None:
    event_loop.get_loop().call_soon_threadsafe(runner.stop)


def stop(run_id: str) -> None:
    event_loop.run_until_complete(session.live_session().calls.stop(run_id))


def extractor_session() -> ExtractorSession:
    """Return the state of this browser session."""
    return session.session_object(ExtractorSession)
