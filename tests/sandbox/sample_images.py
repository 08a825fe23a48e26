"""Images to send to the sandbox."""

import base64
import io
import random
from typing import Any

from PIL import Image, ImageDraw


def encode_image(image: Image.Image, image_format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def data_url(image: Image.Image | bytes, image_format: str = "PNG") -> str:
    data = image if isinstance(image, bytes) else encode_image(image, image_format)
    return f"data:image/{image_format.lower()};base64,{base64.b64encode(data).decode()}"


def solid_image(colour: str = "red", size: tuple[int, int] = (64, 32), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def page_of_text() -> Image.Image:
    image = solid_image("white", (600, 400))
    draw = ImageDraw.Draw(image)
    for line in range(12):
        draw.text((30, 20 + 30 * line), "The quick brown fox jumps over the lazy dog " * 2, fill="black")
    return image


def bar_chart() -> Image.Image:
    image = solid_image("white", (600, 400))
    draw = ImageDraw.Draw(image)
    draw.line((50, 30, 50, 360, 570, 360), fill="black", width=3)
    for number, height in enumerate((120, 250, 180, 300)):
        left = 90 + number * 115
        draw.rectangle((left, 360 - height, left + 70, 358), fill=("teal", "orange")[number % 2])
    return image


def photo() -> Image.Image:
    """An image with as many colours and small gradients as a photo: noise at two scales."""
    noise = random.Random(7)
    rough = Image.frombytes("RGB", (60, 40), noise.randbytes(60 * 40 * 3)).resize((600, 400), 3)
    grain = Image.frombytes("RGB", (600, 400), noise.randbytes(600 * 400 * 3))
    return Image.blend(Image.blend(rough, solid_image("skyblue", (600, 400)), 0.3), grain, 0.06)
