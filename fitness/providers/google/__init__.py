"""Google: who somebody is, and their calendar."""
