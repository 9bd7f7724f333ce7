"""What the doctor says of a blog."""

from __future__ import annotations

from pelican.settings import read_settings

from pelican_linkbacks import doctor
from pelican_linkbacks.doctor.finding import Finding, Level
from tests.blog import Blog

UNSET = (
    "- endpoints: No endpoint is set, so that nobody can tell this site. If you have a receiver, "
    "name it in LINKBACKS_ENDPOINT."
)
"""What is said of every blog that only sends."""


def examine(blog: Blog) -> list[Finding]:
    """All that the doctor finds."""
    blog.save_settings()
    return list(doctor.examine(lambda: read_settings(str(blog.settings_file))))


def lines(blog: Blog, level: Level) -> list[str]:
    """The lines of a level that the doctor prints, but for ``UNSET``."""
    found = [finding.line() for finding in examine(blog) if finding.level is level]
    return [line for line in found if line != UNSET]


def wrong(blog: Blog) -> list[str]:
    """What the doctor takes for wrong."""
    return lines(blog, Level.WRONG)


def notes(blog: Blog) -> list[str]:
    """What the doctor takes for worth knowing."""
    return lines(blog, Level.NOTE)


def proxied(blog: Blog, siteurl: str) -> None:
    """Let the blog be at a public address, which nobody can reach but through its own server."""
    blog.settings |= {"SITEURL": siteurl, "LINKBACKS_PROXY": blog.web.url}
    (blog.output / "index.html").write_text("The blog")
