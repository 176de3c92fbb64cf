"""What several tests of the API need."""

from tests.full_account import full

__all__ = ["full"]
