"""Hevy, a strength-training log: HTTP client of its API, parser of its JSON."""
