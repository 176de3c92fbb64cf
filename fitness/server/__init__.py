"""The server behind `fitness serve`: gunicorn and the embedded PostgreSQL."""
