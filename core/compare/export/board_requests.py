"""The requests of imported results, which the file of a board does not contain: they are built again."""

import json
from dataclasses import dataclass, replace

from core.compare.boards.board import Board, CellKey
from core.compare.variants.requests import request_digest, variant_request
from core.runner.work import WorkRequest
from core.runs.run import Run

# A short file may have very many results of one long prompt.
_MAX_CHARACTERS = 500_000_000


@dataclass(frozen=True, slots=True)
class _BuiltRequest:
    request: WorkRequest
    digest: str
    characters: int


class BoardRequests:
    """Builds the requests of the places of *board*, those of disabled variants too."""

    def __init__(self, board: Board) -> None:
        self._variants = {variant.id: variant for variant in board.variants}
        self._cases = {case.id: case for case in board.cases}
        self._built: dict[tuple[str, str], _BuiltRequest | None] = {}
        self._room = _MAX_CHARACTERS

    def add_request(self, run: Run, key: CellKey, digest: str) -> Run:
        """Return *run* with the request of its place if *digest* is that of it.

        The request of an edited variant or case is not known any more: such a run is returned as it is, and
        so is one whose request was not to be recorded.
        """
        if not run.recorded:
            return run
        place = key.variant_id, key.case_id
        if place not in self._built:
            self._built[place] = self._build(*place)
        built = self._built[place]
        if built is None or built.digest != digest or built.characters > self._room:
            return run
        self._room -= built.characters
        # The requests of a batch are not streamed.
        not_sent = () if run.stream else ("stream", "stream_options")
        params = {name: value for name, value in built.request.params.items() if name not in not_sent}
        return replace(run, endpoint=built.request.call.endpoint, params=params)

    def _build(self, variant_id: str, case_id: str) -> _BuiltRequest | None:
        variant, case = self._variants.get(variant_id), self._cases.get(case_id)
        if variant is None or case is None:
            return None
        request = variant_request(variant, case.variables)
        characters = len(json.dumps(request.params, ensure_ascii=False))
        return _BuiltRequest(request, request_digest(variant, request.params), characters)
