"""Connections with providers: OAuth and keys, the clients for a person, encryption of what is stored."""
