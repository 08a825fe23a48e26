"""The state of the Schema extractor page: the schema, what was typed into its views, and the extractions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.extractor.repositories import extraction_repository
from components.session import session
from components.session.panel_cache import PanelCache
from core.calls import new_run
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.request import API, Extraction, Method
from core.extractor.results.outcome import Outcome, OutcomeKind, outcome_of
from core.extractor.schemas.presets import presets
from core.json_schema.schema import SchemaDocument
from core.runs import event_loop
from core.runs.run import Run, RunState

SchemaView = Literal["Pydantic", "JSON Schema", "Fields"]
# The keys of the widgets whose values are saved as a draft.
TEXT_KEY, METHOD_KEY, INPUT_KEY = "extractor.text", "extractor.method", "extractor.input"
PRESET_KEY, LANGUAGE_KEY, VIEW_KEY = "extractor.preset", "extractor.language", "extractor.view"
INSTRUCTIONS_KEY, MAX_TOKENS_KEY = "extractor.instructions", "extractor.max_tokens"
STRICT_KEY, PASTE_KEY = "extractor.strict_toggle", "extractor.documents.paste"
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

    *version* changes with the schema and is part of the keys of its views, which then show the new one.
    """

    document: SchemaDocument = field(default_factory=lambda: presets()[DEFAULT_PRESET].document)
    version: int = 0
    before_fix: SchemaDocument | None = None
    attempts: list[ExtractionAttempt] = field(default_factory=list)
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

    def edit(self, view: SchemaView, text: str, parse: Callable[[str], SchemaDocument]) -> None:
        """Use the schema of *text*, typed into *view*; an invalid one is reported and stays in its view."""
        try:
            document = parse(text)
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

    def start(self, extractions: list[tuple[str, Extraction, ChatSettings]]) -> None:
        """Start a run for each of the labelled *extractions*. One that cannot be sent is reported instead."""
        self.attempts, self.error = [], None
        self.starts += 1
        self._outcomes.clear()
        try:
            self.save_schema()
            for label, extraction, settings in extractions:
                run_id = _start(extraction.method, API.build(extraction, settings))
                self.attempts.append(ExtractionAttempt(label, extraction, run_id))
        except PlaygroundError as error:
            self.error = error

    def save_schema(self) -> None:
        """Save the schema, also for a reload of the page after a restart."""
        extraction_repository().save_schema(self.document)
        self.saved_digest = self.document.digest

    def ask_again(self, attempt: ExtractionAttempt, run: Run, outcome: Outcome) -> None:
        """Replace *attempt* by one in which the model sees its reply and the problems."""
        params = API.build_correction(run, outcome.problem_list())
        run_id = _start(attempt.extraction.method, params)
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
        return any(calls.job(attempt.run_id) for attempt in self.attempts)


def _start(method: Method, params: dict[str, object]) -> str:
    call, profile = API.call(method), session.profile()
    run = new_run("extractor", call.endpoint, params, profile)
    event_loop.run_until_complete(session.live_session().calls.start(run, call, profile))
    return run.id


def stop(run_id: str) -> None:
    event_loop.run_until_complete(session.live_session().calls.stop(run_id))


def extractor_session() -> ExtractorSession:
    """Return the state of this browser session."""
    return session.session_object(ExtractorSession)
