"""What the author sees of what came in, and what the buttons do; over real HTTP."""

from __future__ import annotations

import random
import re
import time

import pytest
from flask.sessions import SecureCookieSessionInterface

from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.decisions import MOST
from pelican_linkbacks.receiver.entry import Entry, Finding, Kind, Look, Status, Texts
from pelican_linkbacks.receiver.pages import PAGE
from tests.receiver.author import Author, author, receiver, tell
from tests.receiver.reception import BREAD, RYE, Receiver

__all__ = ["author", "receiver"]

SOURCE = "https://blog.example/post"
TO = "\N{EN DASH}"
RIGHT_TO_LEFT = "\u202e"


def status_of(receiver: Receiver, number: int) -> Status | None:
    entry = receiver.moderation.entry(number)
    return entry.status if entry else None


def look_again(receiver: Receiver, entry: Entry, url: str, texts: Texts) -> None:
    """Have the sender of an entry say that its page has changed."""
    receiver.inbox.take(Notice("webmention", entry.source, entry.target), RYE)
    claim = receiver.inbox.claim("a test", only=entry.id)
    assert claim
    look = Look(Finding.LINKS, "It was looked at again.", url, texts)
    receiver.inbox.settle(claim, look, receiver.rules)


# What must be left alone.


def test_reading_changes_nothing(receiver: Receiver, author: Author) -> None:
    tell(receiver, SOURCE)
    before = receiver.entries()
    for path in ("/", "/mentions", "/mentions?do=approve:1", "/mentions/1", "/rules", "/forget"):
        author.get(path)
    author.page("/forget?source=" + SOURCE)
    assert receiver.entries() == before


@pytest.mark.parametrize(
    "button", ["", "approve", "approve:", "approve:x", "explode:1", "approve:-1", "approve:1:2"]
)
def test_a_button_that_no_page_has_is_refused(
    receiver: Receiver, author: Author, button: str
) -> None:
    entry = tell(receiver, SOURCE)
    assert author.submit("/mentions", do=button).status_code == 400
    assert status_of(receiver, entry.id) is Status.PENDING


@pytest.mark.parametrize("pick", [[], ["x"], ["-1"], ["9" * 40], ["4" * 15]])
def test_a_button_without_entries_changes_nothing(
    receiver: Receiver, author: Author, pick: list[str]
) -> None:
    entry = tell(receiver, SOURCE)
    author.press("approve:picked", pick=pick)
    assert "nothing has changed" in author.page("/mentions").lower()
    assert status_of(receiver, entry.id) is Status.PENDING


@pytest.mark.parametrize("path", ["/mentions/7", "/mentions/999999999999999"])
def test_an_entry_that_is_gone_says_so(author: Author, path: str) -> None:
    for response in (author.get(path), author.submit(path, title="x", excerpt="x")):
        assert response.status_code == 404
        assert "That mention is gone" in response.text


@pytest.mark.parametrize("path", ["/mentions/0x7", "/mentions/" + "9" * 30, "/mentions/1/"])
def test_a_path_that_names_no_entry_is_not_found(author: Author, path: str) -> None:
    assert author.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        *("status=nonsense", "page=-1", "page=0", "page=x", "page=" + "9" * 400),
        *("q=%00", "q=%FF%FE", "q=%25&q=_", "q='--", "q=" + "w" * 2_000),
        "_external=1&_anchor=x&endpoint=y&_scheme=ftp",
    ],
)
def test_a_strange_query_shows_a_list(receiver: Receiver, author: Author, query: str) -> None:
    tell(receiver, SOURCE)
    assert author.get(f"/mentions?{query}").status_code == 200
    assert author.press("dismiss:1", f"/mentions?{query}").status_code == 303
    assert author.get(f"/mentions?{query}").status_code == 200


HOSTILE = [
    "<script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    '" onfocus="alert(1)" autofocus="',
    "{{ 7 * 7 }}{% raw %}",
    f"{RIGHT_TO_LEFT}evil",
    "W" * 10_000,
    "&lt;b&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_from_outside_are_text(receiver: Receiver, author: Author, text: str) -> None:
    entry = tell(receiver, SOURCE, Texts(text, text, text, published=text), how=text)
    for path in ("/mentions", f"/mentions/{entry.id}", f"/mentions?status=all&q={text[:100]}"):
        page = author.get(path)
        assert page.status_code == 200
        for element in ("<script", "<img", 'onfocus="', "49{%"):
            assert element not in page.text


def test_texts_that_run_the_other_way_stay_in_their_place(
    receiver: Receiver, author: Author
) -> None:
    tell(receiver, SOURCE, Texts("שלום", "עולם", "שלום עולם"))
    page = author.page("/mentions")
    for text in ("שלום", "עולם", "שלום עולם"):
        assert f"<bdi>{text}</bdi>" in page


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)//", "data:text/html,x", "//evil.example", "ftp://a.example/"]
)
def test_only_web_pages_are_linked(receiver: Receiver, author: Author, source: str) -> None:
    # The doors let no such source in; should one be there all the same, it is no link.
    tell(receiver, source)
    links = re.findall('href="([^"]*)"', author.get("/mentions").text)
    assert all(link.startswith(("/", "#", RYE.url)) for link in links)
    assert not any(link.startswith("//") for link in links)


def test_links_that_lead_away_give_nothing_away(receiver: Receiver, author: Author) -> None:
    tell(receiver, SOURCE)
    (link,) = re.findall(f'<a [^>]*href="{SOURCE}"[^>]*>', author.get("/mentions").text)
    assert 'rel="noreferrer noopener nofollow"' in link


def test_a_page_holds_no_script_and_no_style_of_its_own(receiver: Receiver, author: Author) -> None:
    tell(receiver, SOURCE)
    for path in ("/mentions", "/mentions/1", "/rules", "/forget", "/login"):
        page = author.get(path).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_the_longest_undo_fits_into_a_cookie(receiver: Receiver) -> None:
    signer = SecureCookieSessionInterface().get_signing_serializer(receiver.app)
    assert signer
    chosen = random.Random(1).sample(range(10**8, 10**9), MOST)
    done = {"said": "w" * 400, "numbers": chosen, "rule": 10**9}
    session = {"done": done, "until": time.time(), "version": 10**9, "csrf_token": "0" * 40}
    # Browsers drop a cookie of more than 4096 bytes, its name and attributes included.
    assert len(signer.dumps(session)) < 3_900


def test_what_has_changed_since_it_was_read_is_not_made_public(
    receiver: Receiver, author: Author
) -> None:
    tell(receiver, SOURCE)
    tell(receiver, f"{SOURCE}/2")
    listed = author.page("/mentions")
    first, second = receiver.entries()
    look_again(receiver, first, SOURCE, Texts("Buy pills", "Jane"))

    hidden = re.findall(r'name="(shown|read)" value="(\w+)"', listed)
    fields = {name: [value for each, value in hidden if each == name] for name in ("shown", "read")}
    author.submit("/mentions", do="approve:shown", **fields)

    assert status_of(receiver, first.id) is Status.PENDING
    assert status_of(receiver, second.id) is Status.APPROVED
    assert "1 mention has changed since you read it" in author.page("/mentions")


# What must happen.


def test_a_card_says_who_does_what_with_which_article(receiver: Receiver, author: Author) -> None:
    texts = Texts("On patience", "Ada", "… I read this …", "2026-11-21", Kind.REPLY)
    tell(receiver, SOURCE, texts, how="A link in the text.")
    page = author.page("/mentions")
    parts = [
        "<bdi>Ada</bdi>",
        "blog.example",
        "replies to",
        f'href="{RYE.url}"',
        "<bdi>Rye</bdi>",
        "<bdi>On patience</bdi>",
        "<bdi>… I read this …</bdi>",
        "<bdi>blog.example/post</bdi>",
        "Webmention",
        "just now",
        "21 Nov 2026",
        "A link in the text.",
    ]
    card = page[page.index('<article class="card"') :]
    places = [card.index(part) for part in parts]
    assert places == sorted(places)


def test_a_source_without_an_author_speaks_by_its_host(receiver: Receiver, author: Author) -> None:
    tell(receiver, "https://www.blog.example/post", Texts("A title"))
    assert "<h2><bdi>blog.example</bdi></h2>" in author.page("/mentions")


def test_an_empty_list_says_what_will_stand_there(author: Author) -> None:
    assert "Nothing is waiting." in author.page("/mentions")
    for tab in ("approved", "flagged", "changed", "dismissed", "spam", "removed", "queued", "all"):
        page = author.page(f"/mentions?status={tab}")
        assert 'class="sheet empty"' in page
        assert '<p class="quiet">' in page


@pytest.mark.parametrize(
    ("button", "status", "said"),
    [
        ("approve", Status.APPROVED, "1 mention approved; the next build will show it."),
        ("dismiss", Status.DISMISSED, "1 mention dismissed."),
        ("spam", Status.SPAM, "1 mention marked as spam."),
    ],
)
def test_a_button_of_a_card_decides_on_that_one_and_is_undone(
    receiver: Receiver, author: Author, button: str, status: Status, said: str
) -> None:
    entry, other = tell(receiver, SOURCE), tell(receiver, SOURCE, target=BREAD)
    author.press(f"{button}:{entry.id}", pick=[other.id], shown=[entry.id, other.id])
    assert status_of(receiver, entry.id) is status
    assert status_of(receiver, other.id) is Status.PENDING
    page = author.page("/mentions")
    assert said in page
    assert 'value="undo">Undo</button>' in page
    assert said not in author.page("/mentions")
    author.press("undo", pick=[entry.id])
    assert "Undone." in author.page("/mentions")
    assert status_of(receiver, entry.id) is Status.PENDING


def test_what_is_ticked_is_decided_at_once_and_undone_at_once(
    receiver: Receiver, author: Author
) -> None:
    entries = [tell(receiver, f"https://blog.example/{number}") for number in range(3)]
    ticked = [entry.id for entry in entries[:2]]
    author.press("approve:picked", pick=ticked, shown=[entry.id for entry in entries])
    page = author.page("/mentions")
    assert "2 mentions approved; the next build will show them." in page
    assert re.findall('name="pick" value="(\\d+)">', page) == [str(number) for number in ticked]
    assert [entry.id for entry in receiver.entries(Status.PENDING)] == [entries[2].id]
    author.press("undo", pick=ticked)
    assert len(receiver.entries(Status.PENDING)) == 3


def test_everything_on_a_page_is_decided_and_nothing_besides(
    receiver: Receiver, author: Author
) -> None:
    for number in range(PAGE + 10):
        tell(receiver, f"https://blog.example/{number}")
    first, second = author.page("/mentions"), author.page("/mentions?page=2")
    assert f"1{TO}{PAGE} of {PAGE + 10} mentions" in first
    assert f"{PAGE + 1}{TO}{PAGE + 10} of {PAGE + 10} mentions" in second
    shown = re.findall('name="shown" value="(\\d+)"', second)
    assert len(shown) == 10
    author.press("dismiss:shown", "/mentions?page=2", shown=shown)
    assert len(receiver.entries(Status.DISMISSED)) == 10
    assert receiver.moderation.count(Status.PENDING) == PAGE
    # The page that the author was on is no more; the last one takes its place.
    page = author.page("/mentions?page=2")
    assert f"{PAGE} mentions" in page
    assert page.count('<article class="card"') == PAGE


def test_after_a_button_the_same_list_is_shown_again(receiver: Receiver, author: Author) -> None:
    entry = tell(receiver, SOURCE)
    response = author.press(f"spam:{entry.id}", "/mentions?status=all&q=blog&page=1&other=x")
    assert response.headers["Location"] == "/mentions?status=all&q=blog&page=1"


def test_search_finds_what_holds_the_words(receiver: Receiver, author: Author) -> None:
    tell(receiver, "https://rye.example/", Texts("Sourdough at 100 %", "Ada"))
    tell(receiver, "https://oat.example/", Texts("Porridge", "Bob"))
    for words in ("sourdough", "ADA", "rye.example", "100+%25"):
        page = author.page(f"/mentions?q={words}")
        assert "Sourdough" in page
        assert "Porridge" not in page
    assert "Nothing here has" in author.page("/mentions?q=wheat")


def test_a_change_at_the_source_is_shown_beside_the_old_words(
    receiver: Receiver, author: Author
) -> None:
    entry = tell(receiver, SOURCE, Texts("Old title", "Ann", "Old words"))
    receiver.moderation.approve([entry.id])
    look_again(receiver, entry, SOURCE, Texts("New title", "Anna", "New words"))
    for path in ("/mentions?status=changed", f"/mentions/{entry.id}"):
        page = author.page(path)
        for text in ("Old title", "Old words", "New title", "New words", "Anna"):
            assert f"<bdi>{text}</bdi>" in page
    author.press(f"take:{entry.id}", "/mentions?status=changed")
    assert receiver.entry.texts.title == "New title"
    author.press("undo", pick=[entry.id])
    assert receiver.entry.texts.title == "Old title"
    author.press(f"drop:{entry.id}")
    assert receiver.entry.proposal is None
    assert receiver.entry.texts.title == "Old title"


def test_a_flag_is_shown_until_the_author_leaves_it(receiver: Receiver, author: Author) -> None:
    entry = tell(receiver, SOURCE)
    receiver.moderation.approve([entry.id])
    away = "https://elsewhere.example/"
    look_again(receiver, entry, away, Texts("A title", "Ann", "Some words", url=away))
    assert receiver.entry.flag
    page = author.page("/mentions?status=flagged")
    assert receiver.entry.flag in page
    author.press(f"unflag:{entry.id}", "/mentions?status=flagged")
    assert "1 mention left as it is." in author.page("/mentions?status=flagged")
    assert not receiver.entry.flag


def test_the_words_of_an_entry_are_edited_on_one_line_each(
    receiver: Receiver, author: Author
) -> None:
    entry = tell(receiver, SOURCE)
    fields = {"title": " A <b>new</b>\n title ", "excerpt": "New\r\nwords"}
    response = author.submit(f"/mentions/{entry.id}", **fields)
    assert response.headers["Location"].startswith("/mentions")
    assert receiver.entry.texts.title == "A <b>new</b> title"
    assert receiver.entry.texts.excerpt == "New words"
    assert "The text is changed." in author.page("/mentions")
    author.press("undo", pick=[entry.id])
    assert receiver.entry.texts.title == "A title"


def test_a_source_is_erased_after_a_question(receiver: Receiver, author: Author) -> None:
    tell(receiver, SOURCE)
    tell(receiver, SOURCE, target=BREAD)
    question = author.page(f"/forget?source={SOURCE}")
    assert "This can't be undone." in question
    assert len(receiver.entries()) == 2
    author.submit("/forget", source=SOURCE)
    assert "2 mentions erased" in author.page("/mentions")
    assert receiver.entries() == []
    assert receiver.inbox.is_kept_out(SOURCE)


@pytest.mark.parametrize("source", ["", "blog.example/post", "javascript:alert(1)", "<script>"])
def test_what_is_no_url_is_not_erased(author: Author, source: str) -> None:
    assert "Address of the page" in author.page(f"/forget?source={source}")
    assert author.submit("/forget", source=source).status_code == 400


def test_numbers_stand_at_the_tabs(receiver: Receiver, author: Author) -> None:
    first, second = tell(receiver, SOURCE), tell(receiver, SOURCE, target=BREAD)
    receiver.moderation.approve([first.id])
    page = author.page("/mentions")
    tabs = re.findall(r'">(\w[\w ]*) <span class="number">(\d+)</span>', page)
    assert dict(tabs) == {"Waiting": "1", "Shown": "1", "Dismissed": "0", "Spam": "0", "All": "2"}
    receiver.moderation.spam([second.id])
    assert "Nothing is waiting." in author.page("/mentions")
