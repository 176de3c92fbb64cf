"""Alembic migrations: plain SQL, one small step each."""
