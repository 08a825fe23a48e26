"""Cells that are run by batches in the background, and their results, which come back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.repositories import batch_repository, board_repository, job_repository
from components.compare.board.session import board_session
from components.runtime.batches import queue_watch
from components.session import session
from components.ui.formatting import format_count
from components.ui.jobs.waiting_batch import waiting_batch
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import keys_to_run, request_digests
from core.paths import data_directory

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.compare.running.jobs import VariantJob


def batch_popover(board: Board) -> None:
    """Draw the button that submits what is left to run as a batch for each variant."""
    from core.compare.running.jobs import CAPABILITIES

    with st.popover("Batch", icon=":material/stacks:", type="tertiary", key="board.batch"):
        number = job_repository().latest_number(CAPABILITIES)
        keys = _keys_to_submit(board)
        count = sum(len(each) for each in keys.values())
        st.markdown(
            "The Batch API takes up to 24 hours and costs half. Each variant becomes a batch, "
            "and its results come back into the cells."
        )
        if st.button(
            f"Submit {format_count(count, 'cell')}",
            icon=":material/send:",
            type="primary",
            key="board.batch.submit",
            disabled=not count,
        ):
            _submit(board, keys, number)
            st.rerun()


def keys_in_batches(board: Board) -> set[CellKey]:
    """Return the places whose requests have left in a batch, and have no result yet."""
    from core.compare.running.jobs import is_outdated, keys_under_way

    jobs = _jobs(board.id)
    digests = request_digests(board) if jobs else {}
    return {
        key
        for job in jobs
        if not is_outdated(job, digests)
        for key in keys_under_way(job_repository().queue(job.job.id), job)
    }


def _keys_to_submit(board: Board) -> Mapping[str, Sequence[CellKey]]:
    """Return the places by variant that have no current result, and are in no batch."""
    keys: dict[str, list[CellKey]] = {}
    states = board_session().results(board).states
    for key in keys_to_run(states, under_way=keys_in_batches(board)):
        keys.setdefault(key.variant_id, []).append(key)
    return keys


def _submit(board: Board, keys: Mapping[str, Sequence[CellKey]], number: int) -> None:
    """Submit the cells at *keys*, unless cells were started after the job *number*: they may be the same."""
    from core.batches.hand_over import prepare_job_batch
    from core.compare.running.batch import batch_job, batch_requests
    from core.compare.running.jobs import CAPABILITIES

    submitted = [
        (variant, profile, *batch_job(board, variant, keys[variant.id], profile))
        for variant in board.enabled_variants
        if keys.get(variant.id) and (profile := session.profiles().get(variant.profile_id))
    ]
    new_jobs = [(job, items) for _, _, job, items in submitted]
    if not job_repository().create_after(number, CAPABILITIES, new_jobs):
        return
    for variant, profile, job, items in submitted:
        requests, address = batch_requests(job, items), _address(profile)
        record = prepare_job_batch(requests, job, address, data_directory(), "compare", variant.api)
        batch_repository().save(replace(record, upload_started=True))
        queue_watch().start(batch_repository(), profile, address)


def _address(profile: "Profile") -> str:
    """Return what batches have as their server: the sandbox has another port in each process."""
    return "sandbox" if profile.kind == "sandbox" else profile.base_url


def waits_for_batches(board_id: str) -> bool:
    """Whether results of batches are to become cells."""
    return bool(count_batches(board_id))


def count_batches(board_id: str) -> int:
    """Count the batches whose results are to become cells."""
    return len(_jobs(board_id))


def board_batches(board: Board) -> None:
    """Save the results that have arrived, and draw the batches of *board* that have not ended."""
    from core.batches.hand_over import batches_of_job

    for job in _jobs(board.id):
        queue = job_repository().queue(job.job.id)
        if added := _save_results(job):
            st.toast(f"{format_count(added, 'result')} of the batch {escape_markdown(job.job.title)}")
        progress = queue.progress()
        if progress.is_complete:
            continue
        batches = batches_of_job(batch_repository(), job.job.id)
        waiting_batch(
            job.variant.title,
            progress,
            batches[-1].id if batches else None,
            f"board.batch.{job.job.id}",
            queue.cancel_waiting,
        )


def _jobs(board_id: str) -> "Sequence[VariantJob]":
    from core.compare.running.jobs import BATCH_CAPABILITY, unfinished_jobs

    return unfinished_jobs(job_repository(), board_id, BATCH_CAPABILITY)


def _save_results(job: "VariantJob") -> int:
    from core.batches.hand_over import job_results
    from core.compare.running.batch import save_batch_results

    profile = session.profiles().get(job.variant.profile_id)
    if profile:  # for batches of an earlier process, too
        queue_watch().start(batch_repository(), profile, _address(profile))
    results = job_results(batch_repository(), job.job.id, data_directory())
    if profile is None or not results:
        return 0
    queue = job_repository().queue(job.job.id)
    return save_batch_results(job.job, queue, board_repository(), results, profile)
