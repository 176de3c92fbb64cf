"""Connections with providers: OAuth and keys, clients for a user, encryption of stored secrets."""
