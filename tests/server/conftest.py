"""Servers that a test starts."""

from tests.server.servers import launch, place, serve

__all__ = ["launch", "place", "serve"]
