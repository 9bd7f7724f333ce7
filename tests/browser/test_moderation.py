"""The author's pages in a real browser: what they look like, and that their buttons work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from pelican_linkbacks.receiver.entry import Kind, Status, Texts
from tests.browser.chromium import Browser
from tests.receiver.author import PASSWORD, receiver_of_an_author, tell
from tests.receiver.reception import BREAD, Receiver

PHONE, DESK = (360, 800), (1280, 900)
LONG = "W" * 200
PAGES = (
    *("/mentions", "/mentions?status=approved", "/mentions?status=spam", "/mentions/1"),
    *("/rules", "/forget", f"/forget?source=https://blog.example/{LONG}"),
)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiver_of_an_author(tmp_path) as receiver:
        reply = Texts("On patience", "Ada", "… I have read this …", "2026-11-21", Kind.REPLY)
        tell(receiver, "https://ada.example/patience", reply)
        tell(receiver, f"https://evil.example/{LONG}", Texts(LONG, LONG, LONG), target=BREAD)
        script = "<script>document.title = 'broken'</script><img src=x onerror=alert(1)>"
        tell(receiver, "https://evil.example/script", Texts(script, script, script))
        shown = tell(receiver, "https://shown.example/", Texts("שלום", "עולם", "words"))
        receiver.moderation.approve([shown.id])
        receiver.rules.add("block", f"{'a-long-label.' * 15}example", f"/{LONG}")
        yield receiver


@pytest.fixture
def author(receiver: Receiver, browser: Browser) -> Browser:
    """A browser in which the author has signed in."""
    browser.open(receiver.url)
    browser.enter("[name=password]", PASSWORD)
    assert browser.find("h1").text == "Waiting"
    return browser


def cards(browser: Browser) -> list[str]:
    return [element.text for element in browser.find_all(".card h2")]


# What must not happen.


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("screen", [PHONE, DESK])
def test_no_page_is_wider_than_the_screen(
    receiver: Receiver, author: Browser, page: str, screen: tuple[int, int]
) -> None:
    author.look_like(*screen)
    author.open(receiver.url + page)
    author.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert author.excess == 0


@pytest.mark.parametrize("dark", [False, True])
def test_no_text_is_too_faint(receiver: Receiver, author: Browser, dark: bool) -> None:
    author.look_like(*DESK, dark=dark)
    for page in PAGES:
        author.open(receiver.url + page)
        author.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert author.faint() == [], page


def test_nothing_runs_and_nothing_is_fetched_from_elsewhere(
    receiver: Receiver, author: Browser
) -> None:
    author.complaints()
    for page in PAGES:
        author.open(receiver.url + page)
        assert author.driver.title.endswith("us.example")
        fetched = "return performance.getEntriesByType('resource').map(each => each.name)"
        assert all(url.startswith(f"{receiver.url}/static/") for url in author.run(fetched))
    assert author.complaints() == []


def test_enter_on_a_box_decides_nothing(receiver: Receiver, author: Browser) -> None:
    author.run(
        "window.sent = []; addEventListener('submit', e => sent.push(e.submitter.formMethod))"
    )
    author.find(".pick input").send_keys(Keys.ENTER)
    # A dialog's method closes the dialog around the form; there is none.
    assert author.run("return window.sent") == ["dialog"]
    assert {entry.status for entry in receiver.entries()} == {Status.PENDING, Status.APPROVED}


def test_the_bar_for_what_is_ticked_is_there_only_when_something_is(author: Browser) -> None:
    assert not author.find(".bulk").is_displayed()
    author.find(".pick input").click()
    assert author.find(".bulk").is_displayed()


# What must happen.


@pytest.mark.parametrize("screen", [PHONE, DESK])
def test_an_author_approves_and_undoes_with_a_click_each(
    receiver: Receiver, author: Browser, screen: tuple[int, int]
) -> None:
    author.look_like(*screen)
    (entry,) = [each for each in receiver.entries() if each.texts.author == "Ada"]
    author.press(f"#mention-{entry.id} button.first")
    assert "1 mention approved" in author.find(".done").text
    assert len(cards(author)) == 2
    assert len(receiver.entries(Status.APPROVED)) == 2
    author.press(".done button")
    assert author.find(".done").text == "Undone."
    assert len(cards(author)) == 3


def test_an_author_dismisses_what_is_ticked(receiver: Receiver, author: Browser) -> None:
    for box in author.find_all(".pick input")[:2]:
        box.click()
    author.press(".bulk [value='dismiss:picked']")
    assert "2 mentions dismissed." in author.find(".done").text
    assert len(receiver.entries(Status.DISMISSED)) == 2


def test_an_author_decides_on_the_whole_page(receiver: Receiver, author: Browser) -> None:
    author.find(".listed > details summary").click()
    author.press("[value='spam:shown']")
    assert "3 mentions marked as spam." in author.find(".done").text
    assert "Nothing is waiting." in author.text
    assert len(receiver.entries(Status.SPAM)) == 3


def test_an_author_edits_by_keyboard_alone(receiver: Receiver, author: Browser) -> None:
    (entry,) = [each for each in receiver.entries() if each.texts.author == "Ada"]
    author.enter(f"#mention-{entry.id} a.button.plain")
    author.find("#title").send_keys(Keys.CONTROL, "a")
    author.enter("#title", "Other words")
    assert author.find(".done p").text == "The text is changed."
    assert "Other words" in author.find(f"#mention-{entry.id}").text


def test_an_author_blocks_a_host_from_its_card(receiver: Receiver, author: Browser) -> None:
    (entry,) = [each for each in receiver.entries() if each.texts.author == LONG]
    author.find(f"#mention-{entry.id} summary").click()
    author.press(f"[value='block:{entry.id}']")
    assert "evil.example is blocked from now on." in author.find(".done").text
    assert cards(author) == ["Ada ada.example"]
    author.press(".done button")
    assert len(cards(author)) == 3


def test_an_author_adds_and_removes_a_rule(receiver: Receiver, author: Browser) -> None:
    author.open(f"{receiver.url}/rules")
    author.find("#place").send_keys("friend.example")
    author.press("form.sheet button")
    assert "friend.example is approved from now on." in author.find(".done").text
    author.press(".rules li:last-child button")
    assert "The rule is removed" in author.find(".done").text
    assert len(receiver.rules.all()) == 1


@pytest.mark.parametrize("dark", [False, True])
def test_whatever_has_the_focus_shows_it(author: Browser, dark: bool) -> None:
    author.look_like(*DESK, dark=dark)
    seen = set()
    for _ in range(20):
        focused = author.driver.switch_to.active_element
        focused.send_keys(Keys.TAB)
        focused = author.driver.switch_to.active_element
        style = "const s = getComputedStyle(arguments[0]); return s.outlineStyle + s.outlineWidth"
        assert author.run(style, focused) in {"solid3px", "auto3px"}, focused.tag_name
        seen.add(focused.tag_name)
    assert {"a", "button", "input"} <= seen


def test_every_field_has_a_label(receiver: Receiver, author: Browser) -> None:
    unlabelled = (
        "return [...document.querySelectorAll('input:not([type=hidden]), textarea, select')]"
        ".filter(each => !each.labels.length).map(each => each.outerHTML)"
    )
    for page in PAGES:
        author.open(receiver.url + page)
        assert author.run(unlabelled) == [], page


def test_everything_to_press_is_large_enough_for_a_finger(
    receiver: Receiver, author: Browser
) -> None:
    author.look_like(*PHONE)
    # WCAG 2.2 (2.5.8) asks for 24 pixels; links inside a sentence are spared.
    small = (
        "return [...document.querySelectorAll('button, summary, .tabs a, .top a, .pick')]"
        ".filter(each => each.checkVisibility()).map(each => each.getBoundingClientRect())"
        ".filter(each => each.height < 40 || each.width < 40).length"
    )
    for page in PAGES:
        author.open(receiver.url + page)
        assert author.run(small) == 0, page


def test_an_author_signs_out(receiver: Receiver, author: Browser) -> None:
    author.press(".top button")
    assert author.find_all("[name=password]")
    author.open(f"{receiver.url}/mentions")
    assert author.find_all("[name=password]")
