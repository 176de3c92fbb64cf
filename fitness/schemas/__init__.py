"""Marshmallow schemas: they validate input and document the API, one file per noun."""
