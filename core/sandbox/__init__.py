"""An OpenAI-compatible server that computes its replies by rules, and needs neither key nor network."""

from core.sandbox.server import SandboxServer

__all__ = ["SandboxServer"]
