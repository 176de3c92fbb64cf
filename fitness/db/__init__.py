"""Hand-written SQL over psycopg 3, one file per noun."""
