"""The receiver: takes the notices of other blogs, verifies them, and lets the author decide.

A WSGI application, installed by the extra ``receiver``. Nothing outside imports it but the commands
and ``wsgi``.
"""
