"""Reading views of other departments' databases: the way there (database.py), values (values.py), pages (pages.py), places (stand.py)."""
