"""Readers of files, one kind of file each: bytes in, records and problems out. No SQL, no HTTP."""
