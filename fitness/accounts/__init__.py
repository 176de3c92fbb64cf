"""Accounts: passwords, sessions, personal access tokens, limits, login with Google, the archive."""
