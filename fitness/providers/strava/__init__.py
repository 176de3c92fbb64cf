"""Strava: HTTP client of its API, parser of its JSON."""
