"""The kinds of servers, which decide how a client authenticates and what a usage costs."""

from typing import Literal

ServerKind = Literal["sandbox", "openai", "local", "custom", "azure"]
