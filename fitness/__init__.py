"""A training log under version control."""
