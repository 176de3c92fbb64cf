"""Servers that a test starts."""

from tests.server.servers import launch, place, prepared, serve

__all__ = ["launch", "place", "prepared", "serve"]
