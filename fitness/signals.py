"""What happens in the program, announced for whoever counts it; nobody has to listen."""

from blinker import Signal

sync_ended = Signal()
"""A sync with a provider has ended: `provider`, and `outcome`: ok, rate_limited, refused, failed or error."""

file_loaded = Signal()
"""A file was imported, or tried to, not as a dry run: `source`, and `outcome`: stored, unchanged or failed."""
