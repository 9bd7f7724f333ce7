"""What is printed of others: nothing that could do harm, and nothing that need not go."""

from __future__ import annotations

import html
import random
import time

import pytest
from jinja2 import Environment
from markupsafe import Markup

from pelican_linkbacks.received import safe
from pelican_linkbacks.received.breaks import breakable

ZWJ = "\u200d"
FAMILY = f"👩{ZWJ}👩{ZWJ}👧{ZWJ}👦"
HAND = "👋🏽"
HEART = "❤\ufe0f"

CUT = f"{'x' * 24}\u00ad{'x' * 24}\u00ad{'x' * 11}"

LEFT_ALONE = {
    "nothing": "",
    "words": "A loaf from next door, with 12 seeds.",
    "umlauts": "Brötchen — “süß” … für 3 €",
    "Russian": "Хлеб и соль",
    "Hebrew": "לחם ומלח",
    "Arabic with its vowels": "خُبْزٌ",
    "Hindi with a joiner": f"क्{ZWJ}ष",
    "Thai, drawn out": "จ้าาาาาาา",
    "Chinese, without any blank": "面包" * 50,
    "Japanese, without any blank": "パンを焼く" * 20,
    "a family": FAMILY,
    "a hand with a colour": HAND,
    "a heart with a form": HEART,
    "an accent on its own": "Cafe\u0301",
    "Vietnamese, taken apart": "tie\u0302\u0301ng Vie\u0323\u0302t",
    "a word of 24 letters": "x" * 24,
    "a long word": "Weihnachtsbrotbackabend",
}


@pytest.mark.parametrize("words", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_people_write_stays_as_it_is(words: str) -> None:
    assert safe.text(words, 250) == words


MENDED = {
    "markup": ("<script>a()</script>", "&lt;script&gt;a()&lt;/script&gt;"),
    "both quotes": ("\"' onload='x", "&#34;&#39; onload=&#39;x"),
    "an entity": ("&lt;b&gt; &amp;", "&amp;lt;b&amp;gt; &amp;amp;"),
    "blanks": (" a \t b\r\n\u2028 c\u00a0 d ", "a b c d"),
    "a blank at the end": ("a loaf ", "a loaf"),
    "control characters": ("a\x00b\x1b[31mc\x85d\x7f", "a b [31mc d"),
    "writing turned round": ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
    "what can't be seen": ("a\u200bb\u2060c\ufeffd\u00ade\u3164f\U000e0041g", "abcdefg"),
    "half a character": ("a\ud83db", "ab"),
    "what is no character": ("a\ufdd0b\uffffc\U0001fffed\U0010ffff", "abcd"),
    "nothing to be seen": (f"{ZWJ} \u200c\ufe0f\u2800\u3164", ""),
    "a pile of accents": ("a" + "\u0301" * 100 + "b", "a" + "\u0301" * 3 + "b"),
    "piles in a word": (("a" + "\u0301" * 20) * 10, ("a" + "\u0301" * 3) * 10),
    "a long word": ("x" * 10_000, f"{CUT}…"),
    "a long word among others": ("see " + "x" * 70 + " there", f"see {CUT}… there"),
}


@pytest.mark.parametrize(("words", "shown"), MENDED.values(), ids=MENDED)
def test_what_could_do_harm_is_mended(words: str, shown: str) -> None:
    assert str(safe.text(words, 250)) == shown


def test_a_long_text_is_cut_at_a_word() -> None:
    cut = str(safe.text("bread " * 100, 100))
    assert cut == "bread " * 15 + "bread…"
    assert str(safe.text("bread and", 9)) == "bread and"
    assert str(safe.text("bread andx", 9)) == "bread…"
    assert str(safe.text("包" * 300, 250)) == "包" * 249 + "…"


@pytest.mark.parametrize("drawn", [FAMILY, HAND, HEART, "e\u0301"])
def test_a_text_is_not_cut_within_what_is_drawn_as_one_character(drawn: str) -> None:
    for length in range(2 * len(drawn) + 2, 5 * len(drawn)):
        cut = str(safe.text("包" + drawn * 20, length))
        assert cut == "包" + drawn * ((len(cut) - 2) // len(drawn)) + "…"
        assert len(cut) <= length


def test_a_template_escapes_nothing_twice() -> None:
    words = safe.text("Fish & <chips>", 100)
    for autoescape in (False, True):
        template = Environment(autoescape=autoescape).from_string(
            "{{ w }}|{{ w|e }}|{{ w|escape }}"
        )
        assert template.render(w=words) == "|".join(["Fish &amp; &lt;chips&gt;"] * 3)


def test_whatever_comes_is_one_short_line_without_markup() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    letters = [chr(n) for n in (*range(0x300), *range(0x2000, 0x2100), 0x202E, 0xD800, 0x1F469)]
    letters += [ZWJ, "<", ">", '"', "'", "&", " ", "\ufe0f", "包", "\U0010ffff"]
    for _ in range(3000):
        words = "".join(choice.choices(letters, k=choice.randrange(200)))
        length = choice.randrange(2, 150)
        shown = str(safe.text(words, length))
        assert not set(shown) & set("<>\"'\n\r\t\x00\u202e\ud800")
        bare = shown.replace("\u00ad", "").replace("\u200b", "")
        assert len(html.unescape(bare)) <= length
        assert "  " not in shown
        assert shown == shown.strip()


def test_no_word_that_has_no_room_is_taken_for_a_usual_one() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    for _ in range(3000):
        letters = choice.choice(["mwabcdefghij", "abcäß.,A", "mwaM", "M/a-…"])
        words = "".join(choice.choices(letters, k=choice.randrange(40)))
        assert html.unescape(str(safe.text(words, 250))) == breakable(words)


@pytest.mark.parametrize("words", ["x" * 10**6, "x " * 10**6, "\u0301" * 10**6, ZWJ * 10**6])
def test_a_huge_text_takes_no_longer_than_a_long_one(words: str) -> None:
    start = time.process_time()
    for _ in range(10):
        assert len(safe.text(words, 500)) <= 500
    assert time.process_time() - start < 0.5


URLS = {
    "plain": ("https://blog.example/2026/11/rye.html", None),
    "without a path": ("http://blog.example", None),
    "port": ("https://blog.example:8443/", None),
    "query": ("https://blog.example/?a=1&b=2#c", "https://blog.example/?a=1&amp;b=2#c"),
    "encoded": ("https://blog.example/%C3%A9%20", None),
    "IPv6": ("http://[2001:db8::1]/", None),
    "capitals": ("HTTPS://Blog.Example/", "https://Blog.Example/"),
    "letters": ("https://blög.example/é", "https://blög.example/%C3%A9"),
    "blanks around": (" https://blog.example/\n", "https://blog.example/"),
    "blank within": ("https://blog.example/a b", "https://blog.example/a%20b"),
    "line end within": ("ht\ntps://blog.exam\tple/", "https://blog.example/"),
    "both quotes": ("https://blog.example/\"'", "https://blog.example/%22%27"),
    "markup": ("https://blog.example/<b>`", "https://blog.example/%3Cb%3E%60"),
    "template": (
        "https://blog.example/{{ 7 }}|x|",
        "https://blog.example/%7B%7B%207%20%7D%7D%7Cx%7C",
    ),
    "turned round": ("https://blog.example/\u202ea", "https://blog.example/a"),
    "half a character": ("https://blog.example/\ud800a", "https://blog.example/a"),
    "control characters around": (" \x01https://blog.example/\x00 ", "https://blog.example/"),
    "brackets": ("https://blog.example/?a[]=1", "https://blog.example/?a%5B%5D=1"),
    "two number signs": ("https://blog.example/#a#b", "https://blog.example/#a%23b"),
    "a percent sign": ("https://blog.example/5%", "https://blog.example/5%25"),
    "a dot at the end": ("https://blog.example./", None),
    "NUL": ("https://blog.example/\x00a", "https://blog.example/%00a"),
}


@pytest.mark.parametrize(("address", "printed"), URLS.values(), ids=URLS)
def test_a_url_is_printed_so_that_no_attribute_ends(address: str, printed: str | None) -> None:
    assert safe.url(address) == Markup(address if printed is None else printed)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/a",
        "//blog.example/",
        "javascript:alert(1)",
        "JAVA\tSCRIPT:alert(1)",
        "\x01javascript:alert(1)",
        " java\nscript://blog.example/%0aalert(1)",
        "data:text/html,<script>",
        "vb\r\nscript:x",
        "ftp://blog.example/",
        "https:blog.example",
        "\u00a0\x01\u00a0https://blog.example/",
        "https://",
        "https:///a",
        "https://us@blog.example/",
        "https://us.example\\@blog.example/",
        "https://blog.example\\.us.example/",
        "https://blog.example:99999/",
        "https://blog.example:x/",
        "https://[::1/",
        "https://bl<og.example/",
        "https://blog..example/",
        'https://blog"onclick="x/',
        "https://blog example/",
        "https://blog.example/" + "a" * 2000,
    ],
)
def test_what_is_no_usable_url_is_not_printed(address: str) -> None:
    assert safe.url(address) is None


def test_whatever_url_comes_stays_within_its_attribute() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    letters = [
        *map(chr, range(0x110)),
        "\u202e",
        "\ud800",
        "\uff0f",
        "javascript:",
        "@",
        "//",
        "[",
        "]",
    ]
    for _ in range(5000):
        begin = choice.choice(["https://blog.example/", "https://", "http:", ""])
        printed = safe.url(begin + "".join(choice.choices(letters, k=choice.randrange(30))))
        if printed is not None:
            assert printed.startswith(("http://", "https://"))
            assert not set(printed) & set("<>\"'\n\r\t\x00 \u202e\ud800`")
