"""What runs behind `fitness serve`: gunicorn and the embedded PostgreSQL."""
