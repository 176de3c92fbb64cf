"""Hevy, a log of strength training: its API's JSON, the CSV that its app exports, and its API over HTTP."""
