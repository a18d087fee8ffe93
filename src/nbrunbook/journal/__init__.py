"""The append-only store: the door to SQLAlchemy, on SQLite and PostgreSQL."""
