"""What tests of jobs share."""

from flask import Flask

from fitness.web import jobs


def do_all(app: Flask) -> None:
    """Do the jobs that are free, as a server's process does."""
    while running := jobs.claim_next():
        jobs.do(app, running)
