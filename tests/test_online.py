"""Online: our own pages as the public sees them."""

from __future__ import annotations

import pytest

from pelican_linkbacks.client import Client
from pelican_linkbacks.mention import NAMED
from pelican_linkbacks.online import Public, look
from tests.samples import config, mention
from tests.servers import Answer, Site, redirect

PAGE = "https://us.example/rye.html"
THERE = mention()
KEYS = frozenset({THERE.target})


def test_a_page_that_is_no_page_of_ours_is_never_told_as_the_source() -> None:
    with Site({"/": "<title>Elsewhere"}) as elsewhere, Site() as ours:
        ours.pages["/rye.html"] = redirect(elsewhere.url + "/")
        public = look(Client(config()), f"{ours.url}/rye.html", (ours.url,))
    assert (public.url, public.status) == (f"{ours.url}/rye.html", 200)


def test_the_url_at_which_our_page_finally_answers_is_its_url() -> None:
    with Site({"/rye": f'<a href="{THERE.target}">x</a>'}) as ours:
        ours.pages["/rye.html"] = redirect("/rye")
        public = look(Client(config()), f"{ours.url}/rye.html", (ours.url,))
    assert public == Public(f"{ours.url}/rye", 200, KEYS)


def test_a_page_that_is_not_there_has_no_links() -> None:
    with Site({"/rye.html": Answer(f'<a href="{THERE.target}">x</a>', 404)}) as ours:
        public = look(Client(config()), f"{ours.url}/rye.html", (ours.url,))
    assert public == Public(f"{ours.url}/rye.html", 404)


@pytest.mark.parametrize(
    ("public", "text"),
    [
        (Public(PAGE, 404), f"{PAGE} is not online yet (HTTP 404)"),
        (Public(PAGE, error=": no route"), f"{PAGE} is not online yet: no route"),
        (Public(PAGE, 200), f"{PAGE} is online, but without this link yet"),
        (Public(PAGE, 200, KEYS), None),
    ],
)
def test_a_new_link_has_to_be_on_its_page(public: Public, text: str | None) -> None:
    assert public.disagreement(THERE) == text


@pytest.mark.parametrize(
    ("public", "text"),
    [
        (Public(PAGE, 500), f"{PAGE} is not online yet (HTTP 500)"),
        (Public(PAGE, 200, KEYS), f"{PAGE} is online, and still with this link"),
        (Public(PAGE, 200), None),
        (Public(PAGE, 404), None),
        (Public(PAGE, 410), None),
    ],
)
def test_a_link_that_is_gone_must_not_be_on_its_page(public: Public, text: str | None) -> None:
    assert public.disagreement(mention(removal=True)) == text


def test_the_page_of_a_trackback_url_that_the_author_named_has_only_to_be_there() -> None:
    assert Public(PAGE, 200).disagreement(mention(found_by=NAMED)) is None
    assert Public(PAGE, 404).disagreement(mention(found_by=NAMED)) is not None
