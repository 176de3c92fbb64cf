"""`python -m fitness.cli` is `fitness`."""

from fitness.cli import main

main(prog_name="fitness")
