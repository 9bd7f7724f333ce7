"""Decisions: what the author orders by a button, done and put into words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.rules import Action, Rule, Rules
from pelican_linkbacks.receiver.wording import number
from pelican_linkbacks.urls import host_of

_ORDER = re.compile(r"([a-z]+):(picked|shown|[0-9]{1,15})")

_SAID = {
    "approve": "{} approved; the next build will show {}.",
    "dismiss": "{} dismissed.",
    "spam": "{} marked as spam.",
    "wait": "{} put back to the waiting ones.",
    "unflag": "{} left as it is.",
    "take": "{} changed; the next build will show its new text.",
    "drop": "{} left with the old text.",
}
"""What is said of an order once it is done."""

_SHOWING = frozenset({"approve", "take"})
"""What lets the public see an entry's words, which therefore have to be those that were read."""

MOST = 500
"""Waiting entries that a new rule decides on at most; the cookie has room to undo that many."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done.

    Attributes:
        said: in a sentence for the author.
        numbers: ids of the entries that can be undone.
        rule: id of the rule that was added, or None.
    """

    said: str
    numbers: Sequence[int] = ()
    rule: int | None = None


class Decisions:
    """Carries out the author's orders.

    Args:
        moderation: the entries.
        rules: what is decided beforehand.
    """

    def __init__(self, moderation: Moderation, rules: Rules) -> None:
        self._moderation = moderation
        self._rules = rules

    def carry_out(
        self,
        order: str,
        picked: Sequence[int],
        shown: Mapping[int, str],
    ) -> Done | None:
        """Do what a button says.

        Args:
            order: a word, and on what: "approve:12", "approve:picked" or "approve:shown". The
                words are approve, dismiss, spam, wait (pending again), unflag, take and drop (a
                proposal), allow and block (the host of an entry, from now on).
            picked: ids of the entries that were ticked.
            shown: what ``version`` made of the entries that stood on the page, by their ids. What
                has changed since is not made public.

        Returns:
            What was done; None for an order that nobody can have given by a button.
        """
        found = _ORDER.fullmatch(order)
        if not found:
            return None
        word, on = found.groups()
        many = {"picked": picked, "shown": [*shown]}
        numbers = many[on] if on in many else [int(on)]
        if word in {"allow", "block"}:
            return self._of_host(word, numbers[0]) if numbers else None
        act = self._acts().get(word)
        if act is None:
            return None
        if not numbers:
            return Done("Nothing was ticked, so nothing has changed.")
        other = self._changed(numbers, shown) if word in _SHOWING else frozenset()
        same = [each for each in numbers if each not in other]
        changed = act(same) if same else []
        said = _SAID[word].format(
            number(len(changed), "mention"), "it" if len(changed) == 1 else "them"
        )
        if other:
            verb, it = ("has", "it") if len(other) == 1 else ("have", "them")
            said = (
                f"{said if changed else ''} {number(len(other), 'mention')} {verb} changed since "
                f"you read {it}; read {it} again, and decide then."
            ).strip()
        elif not changed:
            return Done("Nothing has changed.")
        return Done(said, changed)

    def undo(self, numbers: Sequence[int], rule: int | None) -> Done:
        """Take back the last decision on entries, and a rule with all that it has decided."""
        changed = self._moderation.undo(numbers)
        removed = rule is not None and self._rules.remove(rule, revert=True)
        if not changed and not removed:
            return Done("There is nothing left to undo.")
        return Done("Undone." if not removed else "Undone; the rule is gone.")

    def add(self, action: Action, host: str, prefix: str = "") -> Done:
        """Add a rule, and hold what waits against it.

        Raises:
            LinkbackError: as ``Rules.add``.
        """
        known = {rule.id for rule in self._rules.all()}
        rule = self._rules.add(action, host, prefix)
        changed = self._apply(rule)
        if rule.id in known and not changed:
            return Done("There is such a rule already.")
        said = f"{_words(rule)} from now on."
        if changed:
            verb = "dismissed" if action is Action.BLOCK else "approved"
            said += f" {number(len(changed), 'waiting mention')} {verb}."
        return Done(said, changed, None if rule.id in known else rule.id)

    def _changed(self, numbers: Sequence[int], shown: Mapping[int, str]) -> frozenset[int]:
        entries = (self._moderation.entry(each) for each in numbers)
        return frozenset(e.id for e in entries if e and shown.get(e.id) != version(e))

    def _acts(self) -> dict[str, Callable[[Sequence[int]], list[int]]]:
        moderation = self._moderation
        return {
            "approve": moderation.approve,
            "dismiss": moderation.dismiss,
            "spam": moderation.spam,
            "wait": lambda numbers: moderation.set_status(numbers, Status.PENDING),
            "unflag": moderation.unflag,
            "take": lambda numbers: moderation.take_proposal(numbers[0]),
            "drop": lambda numbers: moderation.drop_proposal(numbers[0]),
        }

    def _of_host(self, word: str, number: int) -> Done | None:
        entry = self._moderation.entry(number)
        if entry is None:
            return Done("That mention is gone.")
        action = Action.BLOCK if word == "block" else Action.APPROVE
        return self.add(action, host_of(entry.source))

    def _apply(self, rule: Rule) -> list[int]:
        fitting = [
            entry.id
            for entry in self._moderation.find(Status.PENDING, limit=MOST)
            if self._rules.decide(entry.source, entry.source) == rule
        ]
        status = Status.DISMISSED if rule.action is Action.BLOCK else Status.APPROVED
        # By the rule's words, so that whoever removes it can have them back.
        return self._moderation.set_status(fitting, status, rule.words)


def version(entry: Entry) -> str:
    """What changes with the words of an entry, and with those that are proposed for it."""
    words = repr((entry.texts, entry.proposal))
    return hashlib.sha256(words.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _words(rule: Rule) -> str:
    if rule.action is Action.APPROVE_KNOWN:
        return "Hosts that you have approved before are approved"
    verb = "blocked" if rule.action is Action.BLOCK else "approved"
    return f"{rule.host}{rule.prefix} is {verb}"
