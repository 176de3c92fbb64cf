"""Readers of export files, one module per kind: bytes in, records and problems out. No SQL, no HTTP."""
