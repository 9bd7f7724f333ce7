"""Header files, read by a real nginx and a real Apache."""
