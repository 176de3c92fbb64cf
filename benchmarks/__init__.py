"""How fast the program is, as ratios of what PostgreSQL alone does with the same statements in the same run.

`python -m benchmarks` (`--quick` for a minute's run) starts a PostgreSQL and servers of its own, prints a table and
writes `benchmarks/results/latest.json`.
"""
