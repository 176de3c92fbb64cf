"""Clients of outside services and parsers of their JSON. No SQL."""
