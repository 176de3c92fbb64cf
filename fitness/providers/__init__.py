"""Outside services: talking to them, and parsing what they send. No SQL."""
