"""A conversation between blogs on this machine: ``make demo`` plays it, the tests check it."""
