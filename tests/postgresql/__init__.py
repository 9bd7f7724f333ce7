"""The receiver's database tests once more, with a real PostgreSQL."""
