"""Load records of providers into the database, and send records to the calendar."""
