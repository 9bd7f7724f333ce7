"""Database: what holds of SQLite as well, whatever is no file."""

from tests.receiver.test_database import (  # noqa: F401 - the same tests
    test_a_closed_database_says_so,
    test_a_database_of_a_newer_version_is_left_alone,
    test_a_second_opening_changes_nothing,
    test_an_error_shows_nothing_of_what_was_to_be_stored,
    test_processes_that_open_a_new_database_at_once_all_can,
    test_the_migrations_lead_to_the_tables_as_they_are,
    test_threads_that_write_at_once_all_can,
    test_what_fails_halfway_is_undone,
)
