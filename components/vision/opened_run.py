"""A run that History opens here: its images, its question and its answer."""

import base64
import binascii

from components.session.opened_run import take_opened_run
from components.vision.images import Album
from components.vision.thread import show_run
from core.errors.types import PlaygroundError
from core.vision.request import VisionRequest
from core.vision.sent_question import sent_question


def open_run_in_url(album: Album) -> None:
    """Show the run in the URL, and its images instead of those of *album*. Call it before all widgets."""
    run = take_opened_run("vision")
    question = sent_question(run) if run else None
    if run is None or question is None:
        return
    album.images.clear()
    album.errors.clear()
    for number, url in enumerate(question.image_urls, 1):
        name = f"image {number}"
        try:
            if url.startswith("data:"):
                album.add_file(base64.b64decode(url.partition(",")[2]), name)
            else:
                album.add_url(url)
        except (PlaygroundError, binascii.Error) as error:
            album.errors.append((name, PlaygroundError(str(error))))
    sources = tuple(image.source for image in album.images)
    images_key = tuple((image.id, False) for image in album.images)
    show_run(run, VisionRequest(question.text, sources, question.detail), images_key)
