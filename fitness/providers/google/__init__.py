"""Google: identity and calendar."""
