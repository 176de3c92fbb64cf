"""Strava: its API's JSON, the archive that it exports, and its API over HTTP."""
