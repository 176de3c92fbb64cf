"""Provider records into the database."""
