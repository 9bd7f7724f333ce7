"""Versions: the migrations themselves, the first one first. What is released is never changed."""
