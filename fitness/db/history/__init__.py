"""History, shared by all nouns with versions: versions, changesets, merges with a provider, deletes by a provider."""
