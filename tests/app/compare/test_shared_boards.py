"""Boards that another process runs."""

from components.runtime import resources
from core.calls import new_run
from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import VariantJob, new_job
from core.runner.repository import JobRepository
from core.runner.work import Claim, WorkItem
from tests.app.conftest import OpenPage
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for


def test_shows_and_cancels_what_another_process_runs(open_page: OpenPage) -> None:
    open_page("compare")
    board = board_of(variant_of(id="a"), cases=3)
    BoardRepository(resources.store(), resources.OWNER).save(board)
    jobs = JobRepository(resources.store(), resources.OWNER)
    profile = profile_for("http://127.0.0.1:9/v1")
    job, items = new_job(board, board.variants[0], list(board.cell_keys()), profile)
    variant = VariantJob.of(job)

    def claim(item: WorkItem) -> Claim:
        request = variant.prepare(item)
        return Claim(item, new_run("compare", request.call.endpoint, request.params, profile), request.call)

    jobs.create(job, items).claim(1, claim)
    page = open_page("compare", board=board.id)
    assert not page.exception
    assert "board.run" not in [button.key for button in page.button]
    page.button(key="board.cancel").click().run()

    assert not page.exception
    assert jobs.queue(job.id).stops() == 1
