"""Inbox: what was told, and how it goes on when its source was looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pelican_linkbacks.receiver.course import ELSEWHERE, FLAGS, PAUSES, VISITS
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Status, Texts
from pelican_linkbacks.receiver.inbox import LEASE
from tests.receiver.storage import DAY, HOUR, MINUTE, RYE, SEEN, SOURCE, SPELT, START, Clock, Desk

LOST = [Finding.NO_LINK, Finding.GONE, Finding.NOT_FOUND, Finding.FORBIDDEN]
NEW_WORDS = replace(SEEN, title="On rye, again")


def test_an_empty_inbox_has_nothing_to_do(desk: Desk) -> None:
    assert desk.inbox.claim("test") is None
    assert desk.inbox.next_due() is None
    assert desk.inbox.queued() == 0
    assert desk.inbox.approved() == []
    assert desk.inbox.entry(1) is None
    assert desk.inbox.by_token("") is None


def test_what_is_told_is_kept_as_it_was_told_and_is_due(desk: Desk) -> None:
    taken = desk.tell()
    assert taken.fresh
    entry = taken.entry
    assert (entry.source, entry.target, entry.path) == (SOURCE, RYE.url, RYE.path)
    assert (entry.protocol, entry.status) == ("webmention", Status.QUEUED)
    assert (entry.texts, entry.proposal, entry.verified) == (Texts(), None, None)
    assert (entry.received, entry.due, entry.attempts) == (START, START, 0)
    assert desk.inbox.entry(entry.id) == entry
    assert desk.inbox.by_token(entry.token) == entry
    assert desk.inbox.queued() == 1
    assert desk.inbox.next_due() == START


def test_one_source_may_link_to_two_pages_and_two_sources_to_one(desk: Desk) -> None:
    told = [desk.tell(), desk.tell(target=SPELT), desk.tell(f"{SOURCE}/2")]
    assert len({taken.entry.id for taken in told}) == 3
    assert len({taken.entry.token for taken in told}) == 3


@pytest.mark.parametrize("protocol", ["pingback", "trackback", "webmention"])
@pytest.mark.parametrize(
    "source", [SOURCE, SOURCE + "/", SOURCE + "#more", SOURCE.replace("https", "http")]
)
def test_one_source_and_page_are_one_entry_whatever_the_protocol_and_the_spelling(
    desk: Desk, source: str, protocol: str
) -> None:
    first = desk.tell()
    again = desk.tell(source, protocol)
    assert again.entry == first.entry
    assert again.fresh, "it waits for its first look still"


def test_text_that_a_database_can_not_keep_is_kept_as_well_as_can_be(desk: Desk) -> None:
    odd = Texts(title="zero \0 and half \ud800", url="https://their.example/\0")
    number = desk.pending(SOURCE + "?\ud800", odd)
    entry = desk.entry(number)
    assert entry.texts.title == "zero \N{REPLACEMENT CHARACTER} and half ?"
    desk.tell(SOURCE + "?\ud800")
    assert desk.look(number, texts=odd) == replace(desk.entry(number), proposal=None)


def test_what_is_dismissed_or_spam_is_neither_revived_nor_looked_at(desk: Desk) -> None:
    dismissed, spam = desk.pending(), desk.pending(f"{SOURCE}/2")
    desk.moderation.dismiss([dismissed])
    desk.moderation.spam([spam])
    desk.clock.turn(DAY)
    for source, number in ((SOURCE, dismissed), (f"{SOURCE}/2", spam)):
        before = desk.entry(number)
        for protocol in ("webmention", "pingback", "trackback"):
            taken = desk.tell(source, protocol)
            assert (taken.entry, taken.fresh) == (before, False)
    assert desk.inbox.claim("test") is None


@pytest.mark.parametrize("protocol", ["pingback", "trackback"])
def test_a_known_pingback_or_trackback_is_looked_at_again_after_an_hour_at_most(
    desk: Desk, protocol: str
) -> None:
    number = desk.pending()
    desk.clock.turn(HOUR)
    taken = desk.tell(protocol=protocol)
    assert (taken.entry.due, taken.fresh) == (None, False)
    desk.clock.turn(1)
    taken = desk.tell(protocol=protocol)
    assert (taken.entry.due, taken.fresh) == (desk.clock.now, False)
    assert taken.entry.protocol == protocol
    claim = desk.inbox.claim("test", only=number)
    assert claim is not None
    assert not claim.asked_by_sender


def test_a_known_webmention_is_an_update_and_is_looked_at_now(desk: Desk) -> None:
    number = desk.pending()
    taken = desk.tell()
    assert taken.fresh
    claim = desk.inbox.claim("test", only=number)
    assert claim is not None
    assert claim.asked_by_sender


def test_what_could_not_be_looked_at_and_is_told_again_is_looked_at_now(desk: Desk) -> None:
    number = desk.tell().entry.id
    desk.look(number, Finding.UNREACHABLE)
    assert desk.inbox.claim("test") is None
    taken = desk.tell(protocol="pingback")
    assert (taken.entry.attempts, taken.fresh) == (0, True)
    assert desk.look(number)


def test_what_a_trackback_says_of_its_source_is_offered_to_whoever_looks(desk: Desk) -> None:
    desk.tell(protocol="trackback", title="T", excerpt="E", blog_name="B")
    claim = desk.inbox.claim("test")
    assert claim is not None
    assert claim.offered == Texts(title="T", author="B", excerpt="E")
    desk.tell(f"{SOURCE}/2", title="T")
    claim = desk.inbox.claim("test")
    assert claim is not None
    assert claim.offered is None


# Claims


def test_a_claimed_entry_is_nobody_elses_until_its_lease_ends(desk: Desk) -> None:
    number = desk.tell().entry.id
    claim = desk.inbox.claim("one")
    assert claim is not None
    assert desk.inbox.claim("two") is None
    assert desk.inbox.claim("two", only=number) is None
    assert desk.inbox.next_due() == START + LEASE
    desk.clock.turn(LEASE)
    other = desk.inbox.claim("two")
    assert other is not None
    assert other.entry.id == number
    late = desk.inbox.settle(claim, Look(Finding.NO_LINK, "No link."), desk.rules)
    assert late is not None, "the first one has lost it"
    assert late.status is Status.QUEUED
    settled = desk.inbox.settle(other, Look(Finding.LINKS, "Seen.", texts=SEEN), desk.rules)
    assert settled is not None
    assert settled.status is Status.PENDING


def test_what_is_due_longest_is_claimed_first(desk: Desk) -> None:
    for number in range(3):
        desk.tell(f"{SOURCE}/{number}")
        desk.clock.turn(1)
    claims = [desk.inbox.claim("test") for _ in range(3)]
    assert [claim and claim.entry.source[-1] for claim in claims] == ["0", "1", "2"]
    assert desk.inbox.claim("test") is None


def test_an_entry_of_another_id_or_of_a_host_that_must_wait_is_not_claimed(desk: Desk) -> None:
    number = desk.tell("https://their.example:8080/").entry.id
    assert desk.inbox.claim("test", only=number + 1) is None
    assert desk.inbox.claim("test", but_hosts=["their.example:8080"]) is None
    assert desk.inbox.claim("test", but_hosts=["their.example"], only=number)


def test_a_claim_that_is_postponed_counts_as_no_attempt(desk: Desk) -> None:
    number = desk.tell().entry.id
    claim = desk.inbox.claim("test")
    assert claim is not None
    desk.inbox.postpone(claim, MINUTE)
    assert desk.inbox.next_due() == START + MINUTE
    assert desk.inbox.claim("test") is None
    desk.clock.turn(MINUTE)
    desk.inbox.postpone(claim, HOUR)
    assert desk.inbox.claim("test"), "a claim that was given back postpones nothing"
    assert desk.entry(number).attempts == 0


def test_a_look_that_was_overtaken_by_its_sender_is_made_again(desk: Desk) -> None:
    number = desk.approved()
    desk.tell()
    claim = desk.inbox.claim("test")
    assert claim is not None
    desk.clock.turn(1)
    desk.tell()
    desk.inbox.settle(claim, Look(Finding.NO_LINK, "No link."), desk.rules)
    entry = desk.look(number)
    assert entry is not None
    assert entry.status is Status.APPROVED


def test_a_decision_of_the_author_is_not_undone_by_a_look_under_way(desk: Desk) -> None:
    number = desk.approved()
    desk.tell()
    claim = desk.inbox.claim("test")
    assert claim is not None
    desk.moderation.dismiss([number])
    for finding in (Finding.LINKS, Finding.GONE):
        settled = desk.inbox.settle(claim, Look(finding, "…", texts=SEEN), desk.rules)
        assert settled == desk.entry(number)
    assert (desk.entry(number).status, desk.entry(number).due) == (Status.DISMISSED, None)


def test_a_look_at_what_was_forgotten_meanwhile_settles_nothing(desk: Desk) -> None:
    desk.tell()
    claim = desk.inbox.claim("test")
    assert claim is not None
    desk.moderation.forget(SOURCE)
    found = Look(Finding.LINKS, "Seen.", texts=SEEN)
    assert desk.inbox.settle(claim, found, desk.rules) is None
    assert desk.moderation.find() == []


# Looks at what is queued


def test_a_new_entry_whose_link_is_there_waits_for_the_author(desk: Desk) -> None:
    desk.tell()
    desk.clock.turn(1)
    entry = desk.look()
    assert entry is not None
    assert (entry.status, entry.texts, entry.how) == (Status.PENDING, SEEN, "As seen.")
    assert (entry.verified, entry.updated, entry.due) == (START + 1, START + 1, None)
    assert desk.inbox.queued() == 0
    assert desk.inbox.approved() == []


@pytest.mark.parametrize("finding", LOST)
def test_a_new_entry_whose_link_is_not_there_is_no_more(desk: Desk, finding: Finding) -> None:
    number = desk.tell().entry.id
    assert desk.look(number, finding) is None
    assert desk.inbox.entry(number) is None
    assert desk.tell().entry.id > number, "no number is used twice"


def test_a_new_entry_that_can_not_be_reached_is_tried_ever_more_seldom_and_then_dropped(
    desk: Desk,
) -> None:
    number = desk.tell().entry.id
    for attempt, pause in enumerate(PAUSES, 1):
        entry = desk.look(number, Finding.UNREACHABLE)
        assert entry is not None
        assert (entry.status, entry.attempts) == (Status.QUEUED, attempt)
        assert entry.due == desk.clock.now + pause
        desk.clock.turn(pause - 1)
        assert desk.inbox.claim("test") is None
        desk.clock.turn(1)
    assert desk.look(number, Finding.UNREACHABLE) is None


def test_a_server_that_asks_for_a_pause_gets_it(desk: Desk) -> None:
    number = desk.tell().entry.id
    entry = desk.look(number, Finding.UNREACHABLE, pause=2 * HOUR)
    assert entry is not None
    assert entry.due == START + 2 * HOUR
    desk.clock.turn(2 * HOUR)
    entry = desk.look(number, Finding.UNREACHABLE, pause=1.0)
    assert entry is not None
    assert entry.due == desk.clock.now + PAUSES[1]


# Looks at what is pending


def test_a_pending_entry_shows_what_its_source_says_now(desk: Desk) -> None:
    number = desk.pending()
    desk.clock.turn(1)
    desk.tell()
    entry = desk.look(number, texts=NEW_WORDS)
    assert entry is not None
    assert (entry.texts, entry.proposal, entry.status) == (NEW_WORDS, None, Status.PENDING)
    assert entry.updated == desk.clock.now


def test_a_pending_entry_that_the_author_has_edited_keeps_his_words(desk: Desk) -> None:
    number = desk.pending()
    desk.moderation.edit(number, "Mine", SEEN.excerpt)
    desk.tell()
    entry = desk.look(number)
    assert entry is not None
    assert entry.texts.title == "Mine"
    assert entry.proposal is None, "the author knew these words when he changed them"
    desk.tell()
    entry = desk.look(number, texts=NEW_WORDS)
    assert entry is not None
    assert (entry.texts.title, entry.proposal) == ("Mine", NEW_WORDS)


@pytest.mark.parametrize("finding", [Finding.NO_LINK, Finding.GONE])
def test_a_pending_entry_whose_link_is_gone_is_no_more(desk: Desk, finding: Finding) -> None:
    number = desk.pending()
    desk.tell()
    assert desk.look(number, finding) is None


@pytest.mark.parametrize("finding", [Finding.NOT_FOUND, Finding.FORBIDDEN])
def test_a_pending_entry_that_is_not_found_is_dropped_in_the_end(
    desk: Desk, finding: Finding
) -> None:
    number = desk.pending()
    desk.tell()
    for pause in PAUSES:
        assert desk.look(number, finding)
        desk.clock.turn(pause)
    assert desk.look(number, finding) is None


def test_a_pending_entry_that_can_not_be_reached_stays(desk: Desk) -> None:
    number = desk.pending()
    desk.tell()
    for pause in PAUSES:
        assert desk.look(number, Finding.UNREACHABLE)
        desk.clock.turn(pause)
    entry = desk.look(number, Finding.UNREACHABLE)
    assert entry is not None
    assert (entry.status, entry.texts, entry.due) == (Status.PENDING, SEEN, None)


# Looks at what is approved


def test_an_approved_entry_is_visited_four_times_and_then_no_more(desk: Desk) -> None:
    number = desk.approved()
    for pause in VISITS:
        assert desk.entry(number).due == START + pause
        desk.clock.now = START + pause
        assert desk.look(number)
    assert desk.inbox.next_due() is None


def test_new_words_of_an_approved_entry_are_proposed_and_not_shown(desk: Desk) -> None:
    number = desk.approved()
    version = desk.inbox.version()
    desk.tell()
    entry = desk.look(number, texts=NEW_WORDS)
    assert entry is not None
    assert (entry.texts, entry.proposal, entry.status) == (SEEN, NEW_WORDS, Status.APPROVED)
    assert desk.inbox.version() == version
    desk.tell()
    entry = desk.look(number)
    assert entry is not None
    assert entry.proposal is None, "it says again what is shown"


@pytest.mark.parametrize("finding", LOST)
def test_a_visit_that_finds_no_link_flags_what_stays_shown(desk: Desk, finding: Finding) -> None:
    number = desk.approved()
    desk.clock.turn(DAY)
    entry = desk.look(number, finding)
    assert entry is not None
    assert (entry.status, entry.flag) == (Status.APPROVED, FLAGS[finding])
    assert entry.due == START + 7 * DAY
    assert desk.inbox.approved() == [entry]
    desk.clock.turn(6 * DAY)
    entry = desk.look(number)
    assert entry is not None
    assert entry.flag == ""


@pytest.mark.parametrize("finding", [Finding.NO_LINK, Finding.GONE])
def test_an_approved_entry_is_removed_when_its_own_sender_says_so(
    desk: Desk, finding: Finding
) -> None:
    number = desk.approved()
    desk.tell()
    entry = desk.look(number, finding)
    assert entry is not None
    assert (entry.status, entry.due) == (Status.REMOVED, None)
    assert desk.inbox.approved() == []
    assert desk.moderation.undo([number]) == [number]
    assert [shown.id for shown in desk.inbox.approved()] == [number]


def test_an_approved_entry_that_is_not_found_is_removed_when_its_sender_asked_and_time_has_passed(
    desk: Desk,
) -> None:
    number = desk.approved()
    desk.tell()
    for pause in PAUSES:
        entry = desk.look(number, Finding.NOT_FOUND)
        assert entry is not None
        assert entry.status is Status.APPROVED
        desk.clock.turn(pause)
    entry = desk.look(number, Finding.NOT_FOUND)
    assert entry is not None
    assert entry.status is Status.REMOVED


@pytest.mark.parametrize("finding", [Finding.UNREACHABLE, Finding.FORBIDDEN])
def test_no_trouble_of_a_server_removes_what_is_approved(desk: Desk, finding: Finding) -> None:
    number = desk.approved()
    desk.tell()
    entry: Entry | None = None
    end = START + 200 * DAY
    while (due := desk.inbox.next_due()) is not None and due < end:
        desk.clock.now = max(desk.clock.now, due)
        entry = desk.look(number, finding)
    assert entry is not None
    assert (entry.status, entry.texts) == (Status.APPROVED, SEEN)


def test_an_approved_entry_that_leads_elsewhere_is_flagged(desk: Desk) -> None:
    number = desk.approved()
    for url, flag in (
        ("https://www.their.example/post", ""),
        ("https://casino.example/", ELSEWHERE),
        (SOURCE, ""),
    ):
        desk.tell()
        entry = desk.look(number, url=url)
        assert entry is not None
        assert entry.flag == flag


def test_what_was_removed_and_is_told_again_is_new(desk: Desk) -> None:
    number = desk.approved()
    desk.tell()
    desk.look(number, Finding.GONE)
    taken = desk.tell(protocol="pingback")
    assert (taken.entry.status, taken.fresh) == (Status.QUEUED, True)
    entry = desk.look(number, texts=NEW_WORDS)
    assert entry is not None
    assert (entry.status, entry.texts) == (Status.PENDING, NEW_WORDS)


# What is shown


def test_what_is_shown_is_found_by_its_page_the_oldest_first(desk: Desk) -> None:
    first = desk.approved(f"{SOURCE}/z")
    desk.clock.turn(1)
    other = desk.approved(target=SPELT)
    desk.clock.turn(1)
    last = desk.approved(f"{SOURCE}/a")
    desk.pending(f"{SOURCE}/p")
    assert [entry.id for entry in desk.inbox.approved()] == [first, other, last]
    assert [entry.id for entry in desk.inbox.approved(RYE.path)] == [first, last]
    assert desk.inbox.approved("nothing.html") == []


def test_the_version_changes_with_what_is_shown_and_with_nothing_else(desk: Desk) -> None:
    versions = [desk.inbox.version()]
    number = desk.pending()
    desk.pending(f"{SOURCE}/2")
    assert desk.inbox.version() == versions[0]
    for step in (
        lambda: desk.moderation.approve([number]),
        lambda: desk.moderation.edit(number, "Mine", ""),
        lambda: desk.moderation.undo([number]),
        lambda: desk.moderation.dismiss([number]),
        lambda: desk.moderation.undo([number]),
        lambda: desk.moderation.forget(SOURCE),
    ):
        step()
        versions.append(desk.inbox.version())
        desk.moderation.unflag([number])
        assert desk.inbox.version() == versions[-1]
    assert len(set(versions)) == len(versions)


def test_what_one_thread_has_taken_another_process_would_see(desk: Desk, clock: Clock) -> None:
    entry = desk.tell().entry
    assert Desk(desk.database, clock).entry(entry.id) == entry
