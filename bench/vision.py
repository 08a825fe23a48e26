"""How long a photo takes to be shown with its grid, and what twenty take: `python -m bench.vision`."""

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
_MUST_SECONDS = 1.0
_MUST_MEGABYTES = 1000


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds until a photo is taken in, and until its picture with the grid and the tokens are there."""

    load_seconds: float
    total_seconds: float


def _photo(seed: int, kind: str) -> bytes:
    """Something as hard to pack as a photo, lying on its side as phones store it."""
    rough = random.Random(seed)
    small = Image.frombytes("RGB", (252, 189), rough.randbytes(252 * 189 * 3))
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    buffer = io.BytesIO()
    image = small.resize(_SIZE, Image.Resampling.BICUBIC)
    image.transpose(Image.Transpose.ROTATE_90).save(buffer, kind, exif=exif, quality=90)
    return buffer.getvalue()


def _show(raw: bytes) -> tuple[Timing, ImageFile]:
    started = time.perf_counter()
    picture = normalise_image(raw, "photo")
    taken = time.perf_counter() - started
    overlay.draw_overlay(picture, vision_request.layout_for(_MODEL, picture, "auto", None))
    overlay.thumbnail(picture)
    vision_request.estimate_by_detail([picture.size], _MODEL, datetime.now(UTC))
    return Timing(taken, time.perf_counter() - started), picture


def _report_photo(kind: str, runs: int) -> None:
    raw = _photo(7, kind)
    _show(raw)
    processor = time.process_time()
    found = [_show(raw)[0] for _ in range(runs)]
    spent = (time.process_time() - processor) / runs
    taken, shown = (
        statistics.median(values)
        for values in zip(*((s.load_seconds, s.total_seconds) for s in found), strict=True)
    )
    must = f" (must: < {_MUST_SECONDS:g} s)" if kind == "JPEG" else ""
    weight = f"12 MP {kind} of {len(raw) / 1e6:.1f} MB"
    print(f"{weight}: taken in {taken:.2f} s, shown in {shown:.2f} s{must}; CPU {spent:.2f} s")


def _report_batch(count: int) -> None:
    started = time.perf_counter()
    pictures = tuple(_show(_photo(seed, "JPEG"))[1] for seed in range(count))
    content = VisionRequest("What is this?", pictures, max_side=2048).content()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{count} photos and a request of {len(content) - 1}: {seconds:.1f} s with making them, "
        f"peak {peak:,.0f} MB (must: < {_MUST_MEGABYTES:,} MB)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--images", type=int, default=20)
    options = parser.parse_args()
    for kind in ("JPEG", "PNG", "WEBP"):
        _report_photo(kind, options.runs)
    _report_batch(options.images)


if __name__ == "__main__":
    main()
