"""The names of the APIs that generate a reply, as in the methods of the SDK's client."""

from typing import Literal

ApiName = Literal["chat.completions", "responses"]
