"""What all nouns with history share: versions, changesets, merges with a provider, deletes by a provider."""
