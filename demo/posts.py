"""The neighbour's posts, and the pages that show them."""

from dataclasses import dataclass
from html import escape
from typing import Literal

Protocol = Literal["webmention", "pingback", "trackback"]


@dataclass(frozen=True)
class Post:
    """One post of the neighbour, and what its page offers."""

    title: str
    offers: tuple[Protocol, ...] = ()


POSTS = {
    "spice-mill": Post("Setting up an old spice mill", ("webmention", "pingback")),
    "two-day-rye": Post("Two-day rye", ("pingback",)),
    "sunday-breakfast": Post("Sunday breakfast", ("trackback",)),
    "bread-knife": Post("The bread knife"),
}


def post_page(blog: str, path: str, post: Post) -> str:
    """The page of a post, with what it offers as other blogs look for it."""
    offers: dict[Protocol, str] = {
        "webmention": '<link rel="webmention" href="/webmention">\n',
        "pingback": f'<link rel="pingback" href="{blog}/xmlrpc">\n',
        "trackback": description(blog + path, post),
    }
    offer = "".join(offers[protocol] for protocol in post.offers)
    title = escape(post.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{offer}'
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n"
        "<p>Bread is best among neighbours.</p>\n</body>\n</html>\n"
    )


def description(url: str, post: Post) -> str:
    """The RDF by which a page names its trackback URL, hidden in a comment."""
    return (
        '<!-- <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
        '  xmlns:dc="http://purl.org/dc/elements/1.1/"\n'
        '  xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">\n'
        f'<rdf:Description rdf:about="{url}" dc:identifier="{url}" dc:title="{post.title}"\n'
        f'  trackback:ping="{url.replace("/posts/", "/trackback/")}" />\n</rdf:RDF> -->\n'
    )
