"""Run `fitness` as `python -m fitness.cli`."""

from fitness.cli import main

main(prog_name="fitness")
