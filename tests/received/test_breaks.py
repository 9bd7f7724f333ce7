"""Long words, and where a browser may break them."""

from __future__ import annotations

import random
import re

import pytest

from pelican_linkbacks.received.breaks import breakable

H, Z, ZWJ = "\u00ad", "\u200b", "\u200d"
FAMILY = f"👩{ZWJ}👩{ZWJ}👧{ZWJ}👦"

LEFT_ALONE = {
    "nothing": "",
    "short words": "Rye, water, salt, time and " * 20,
    "24 small letters": "x" * 24,
    "16 capitals": "K" * 16,
    "hyphens": "Featherstonehaugh-Cholmondeley-Featherstonehaugh",
    "Hebrew": "לחם ומלח",
    "Chinese": "面包" * 50,
    "Japanese": "パンを焼く。" * 20,
    "Korean": "빵을굽다" * 20,
    "families": FAMILY * 20,
    "hands with a colour": "👋🏽" * 30,
    "flags": "🇩🇪🇫🇮" * 20,
    "accents": "e\u0301" * 16,
}


@pytest.mark.parametrize("words", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_has_room_or_breaks_anyway_stays_as_it_is(words: str) -> None:
    assert breakable(words) == words


BROKEN = {
    "a word": ("x" * 60, f"{'x' * 24}{H}{'x' * 24}{H}{'x' * 12}"),
    "among others": (f"see {'x' * 25} there", f"see {'x' * 24}{H}x there"),
    "broad letters": ("W" * 25, f"{'W' * 12}{H}{'W' * 12}{H}W"),
    "a Russian one": ("а" * 25, f"{'а' * 24}{H}а"),  # noqa: RUF001 - it is Russian
    "an address": (
        "https://blog.example/loaf/of/rye/made/at/home",
        f"https://blog.example/{Z}loaf/of/rye/made/at/{Z}home",
    ),
    "no letters": ("." * 30, f"{'.' * 24}{Z}{'.' * 6}"),
    "Chinese marks": ("。" * 20, f"{'。' * 12}{Z}{'。' * 8}"),
    "Chinese before marks": ("面包" + "。" * 13, f"面包{'。' * 12}{Z}。"),
    "accents": ("e\u0301" * 17, f"{('e' + chr(0x301)) * 16}{Z}e\u0301"),
    "the broadest": ("﷽" * 3, f"﷽{Z}﷽{Z}﷽"),
    "a crowd of a family": (f"👩{ZWJ}" * 40, None),
}


@pytest.mark.parametrize(("words", "broken"), BROKEN.values(), ids=BROKEN)
def test_what_is_too_long_may_be_broken(words: str, broken: str | None) -> None:
    found = breakable(words)
    if broken:
        assert found == broken
    assert re.sub(f"[{H}{Z}]", "", found) == words
    assert len(found) > len(words)


def test_whatever_comes_stays_the_same_but_for_the_signs() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    letters = "aWm-./@1 。面👩🏽" + ZWJ + "\u0301\ufe0f﷽ก"
    for _ in range(3000):
        words = "".join(choice.choices(letters, k=choice.randrange(100)))
        found = breakable(words)
        assert re.sub(f"[{H}{Z}]", "", found) == words
        assert not re.search(f"[{H}{Z}](?:[{H}{Z}\u0301\ufe0f🏽]|$)", found)
        bare = re.sub("[\u0301\ufe0f\u200d]", "", found)
        assert not re.search(f"[^ 面👩🏽{H}{Z}-]{{25}}", bare)
