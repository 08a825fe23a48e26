"""The time to show a photo with its grid, and the memory of twenty: `python -m bench.vision`."""

import argparse
import io
import random
import resource
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image
from PIL.ExifTags import Base

from core.images import overlay
from core.images.image import ImageFile, normalise_image
from core.vision import request as vision_request
from core.vision.request import VisionRequest

_SIZE = (4032, 3024)
_MODEL = "gpt-6-luna"
_MAX_SECONDS = 1.0
_MAX_MEGABYTES = 1000


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds until a photo is loaded, and until its overlay and tokens are computed, too."""

    load_seconds: float
    total_seconds: float


def _photo(seed: int, image_format: str) -> bytes:
    """An image that is as hard to compress as a photo, rotated as phones store it."""
    rng = random.Random(seed)
    small = Image.frombytes("RGB", (252, 189), rng.randbytes(252 * 189 * 3))
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    buffer = io.BytesIO()
    image = small.resize(_SIZE, Image.Resampling.BICUBIC)
    image.transpose(Image.Transpose.ROTATE_90).save(buffer, image_format, exif=exif, quality=90)
    return buffer.getvalue()


def _show(raw: bytes) -> tuple[Timing, ImageFile]:
    started = time.perf_counter()
    image = normalise_image(raw, "photo")
    load_seconds = time.perf_counter() - started
    overlay.draw_overlay(image, vision_request.layout_for(_MODEL, image, "auto", None))
    overlay.thumbnail(image)
    vision_request.estimate_by_detail([image.size], _MODEL, datetime.now(UTC))
    return Timing(load_seconds, time.perf_counter() - started), image


def _report_photo(image_format: str, runs: int) -> None:
    raw = _photo(7, image_format)
    _show(raw)
    started = time.process_time()
    timings = [_show(raw)[0] for _ in range(runs)]
    cpu_seconds = (time.process_time() - started) / runs
    loaded = statistics.median(timing.load_seconds for timing in timings)
    total = statistics.median(timing.total_seconds for timing in timings)
    limit = f" (limit: {_MAX_SECONDS:g} s)" if image_format == "JPEG" else ""
    photo = f"12 MP {image_format} of {len(raw) / 1e6:.1f} MB"
    print(f"{photo}: loaded in {loaded:.2f} s, shown in {total:.2f} s{limit}; CPU {cpu_seconds:.2f} s")


def _report_batch(count: int) -> None:
    started = time.perf_counter()
    images = tuple(_show(_photo(seed, "JPEG"))[1] for seed in range(count))
    content = VisionRequest("What is this?", images, max_side=2048).content()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{count} photos and a request of {len(content) - 1}: {seconds:.1f} s including their creation, "
        f"peak {peak:,.0f} MB (limit: {_MAX_MEGABYTES:,} MB)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--images", type=int, default=20)
    options = parser.parse_args()
    for image_format in ("JPEG", "PNG", "WEBP"):
        _report_photo(image_format, options.runs)
    _report_batch(options.images)


if __name__ == "__main__":
    main()
