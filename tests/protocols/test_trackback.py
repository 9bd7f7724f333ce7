"""Trackback: what is said of an article, how it is asked, and what the answer means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from pelican_linkbacks.mention import Excerpt, Outcome, Reply
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import trackback
from tests.protocols import pages
from tests.samples import article, mention, page

LIMIT = 512 * 1024
SENT, REFUSED, FAILED = Outcome.SENT, Outcome.REFUSED, Outcome.FAILED
TOLD = Excerpt('Über Brot & Käse "im" Ofen', "Süß & salzig + 100 % = gut", "Brot & Bücher")


def fields(told: Excerpt | None) -> dict[str, list[str]]:
    """The form as a receiver reads it."""
    body = trackback.request(mention(excerpt=told)).body.decode("ascii")
    return parse_qs(body, keep_blank_values=True, strict_parsing=True, errors="strict")


# Discovery.


@pytest.mark.parametrize("file", pages.of("trackback"), ids=lambda file: file.stem)
def test_discovery_finds_the_trackback_url_of_this_page_and_no_other(file: Path) -> None:
    expected, answered = pages.read(file)

    found = trackback.discover(answered)

    assert (found and found.url) == expected.get("endpoint")
    assert (found and found.found_by) == expected.get("by")
    assert found is None or found.protocol == "trackback"


def described(identifier: str, ping: str = "https://blog.example/tb/7") -> str:
    about = f'rdf:about="{identifier}" trackback:ping="{ping}"'
    return f"<!-- <rdf:RDF><rdf:Description {about}/></rdf:RDF> -->"


ALIKE = {
    "https://blog.example/2026/post/": True,
    "https://blog.example/2026/post": True,
    "http://blog.example/2026/post/": True,
    "https://BLOG.example:443/2026/post/#more": True,
    "https://blog.example/2026/p%6Fst/": True,
    "https://blog.example/2026/": False,
    "https://blog.example/2026/post/2": False,
    "https://blog.example/2026/Post/": False,
    "https://blog.example/2026/post/?p=1": False,
    "https://www.blog.example/2026/post/": False,
    "https://other.example/2026/post/": False,
    "https://blog.example:8443/2026/post/": False,
    "tag:blog.example,2026:post": False,
    "post": False,
    "#": False,
}


@pytest.mark.parametrize(("identifier", "is_alike"), ALIKE.items())
def test_an_identifier_is_compared_but_for_its_spelling(identifier: str, *, is_alike: bool) -> None:
    assert (trackback.discover(page(described(identifier))) is not None) is is_alike


def test_a_description_of_a_url_with_umlauts_may_write_them_out() -> None:
    answered = page(
        described("https://blog.example/grüße/"), url="https://blog.example/gr%C3%BC%C3%9Fe"
    )

    assert trackback.discover(answered) is not None


PINGS = ["", " ", "javascript:alert(1)", "ftp://blog.example/", "http://me:word@blog.example/tb"]


@pytest.mark.parametrize("ping", PINGS)
def test_a_ping_url_that_can_not_be_used_is_none(ping: str) -> None:
    assert trackback.discover(page(described(page().url, ping))) is None


def test_an_unusable_ping_url_does_not_hide_a_good_one_of_the_same_page() -> None:
    body = described(page().url, "mailto:me") + described(page().url)
    found = trackback.discover(page(body))

    assert found is not None
    assert found.url == "https://blog.example/tb/7"


@pytest.mark.parametrize("type_", ["application/rss+xml", "text/plain", "image/png"])
def test_a_page_that_is_not_html_has_no_trackback_url(type_: str) -> None:
    body = described(page().url) + '<a rel="trackback" href="/tb">x</a>'

    assert (
        trackback.discover(Page(page().url, 200, (("Content-Type", type_),), body.encode())) is None
    )


@pytest.mark.parametrize(("padding", "seen"), [(LIMIT - 300, True), (LIMIT, False)])
def test_only_the_first_512_kb_of_a_page_are_read(padding: int, *, seen: bool) -> None:
    found = trackback.discover(page("x" * padding + described(page().url)))

    assert (found is not None) is seen


HOSTILE = {
    "starts without an end": "<rdf:RDF " * 60_000,
    "starts in front of one end": "<rdf:RDF " * 60_000 + "</rdf:RDF>",
    "ends without a start": "</rdf:RDF" * 60_000,
    "blanks in an end": "<rdf:RDF></rdf:RDF" + " " * 500_000,
    "empty blocks": "<rdf:RDF></rdf:RDF>" * 25_000,
    "open CDATA": f"<rdf:RDF>{'<![CDATA[' * 50_000}</rdf:RDF>",
    "open entities": f"<rdf:RDF>{'&a' * 200_000}</rdf:RDF>",
    "prefixes": "<rdf:RDF>" + "".join(f" p{n}:a" for n in range(50_000)) + "</rdf:RDF>",
    "depth": f"<rdf:RDF>{'<a>' * 60_000}{'</a>' * 60_000}</rdf:RDF>",
    # Few enough for libxml2, which compares each with all before it.
    "attributes": "<rdf:RDF " + "".join(f"a{n}='' " for n in range(10_000)) + "></rdf:RDF>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_page_full_of_beginnings_is_read_in_one_go(body: str) -> None:
    """A search that starts anew at each of them would take minutes."""
    start = described(page().url)

    assert trackback.discover(page("trackback" + body)) is None
    assert trackback.discover(page(start + body)) is not None


BOMB = "<!ENTITY a '{}'><!ENTITY b '{}'>".format("a" * 99, "&a;" * 99)


@pytest.mark.parametrize(
    "block",
    [
        f"<!DOCTYPE rdf:RDF [{BOMB}]>{{}}",
        f"<rdf:RDF><!DOCTYPE x [{BOMB}]></rdf:RDF>{{}}",
        "<!DOCTYPE rdf:RDF [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>{}",
    ],
    ids=["before the block", "in a block", "of a file"],
)
def test_an_entity_of_the_page_s_own_is_never_expanded(block: str) -> None:
    hostile = described(page().url, "https://blog.example/&b;/7")
    found = trackback.discover(page(block.format(hostile)))

    assert found is not None
    assert found.url == "https://blog.example/&b;/7"


# The request.


def test_the_form_arrives_as_it_was_meant() -> None:
    assert fields(TOLD) == {
        "title": ['Über Brot & Käse "im" Ofen'],
        "url": ["https://us.example/rye.html"],
        "blog_name": ["Brot & Bücher"],
        "excerpt": ["Süß & salzig + 100 % = gut"],
        "charset": ["utf-8"],
    }


def test_the_fields_stand_in_the_order_in_which_wordpress_sends_them() -> None:
    assert list(fields(TOLD)) == ["title", "url", "blog_name", "excerpt", "charset"]


def test_the_form_says_its_charset_in_the_header_too() -> None:
    asked = trackback.request(mention(excerpt=TOLD))

    assert asked.content_type == "application/x-www-form-urlencoded; charset=utf-8"


def test_empty_fields_are_left_out() -> None:
    assert list(fields(Excerpt("A title", "", ""))) == ["title", "url", "charset"]


def test_without_an_excerpt_the_source_is_its_own_title() -> None:
    """WordPress answers nothing at all where the title is missing."""
    assert fields(None)["title"] == ["https://us.example/rye.html"]


def test_half_a_character_does_not_stop_a_notice() -> None:
    assert fields(Excerpt("Bread \ud83c", "", ""))["title"] == ["Bread ?"]


# What is said of an article.

TITLES = {
    "plain": ("Rye for beginners", "Rye for beginners"),
    "raw, as from Markdown": ("vector<int> & co", "vector<int> & co"),
    "HTML, as from reStructuredText": ("C++ &amp; &lt;vector&gt;", "C++ & <vector>"),
    "escaped element": ("The &lt;b&gt; element", "The <b> element"),
    "emphasis": ("On <em>x</em> and <strong class='y'>z</strong>", "On x and z"),
    "capitals": ("On <EM>x</EM>", "On x"),
    "void element": ("Bread<br/>and salt<br>", "Breadand salt"),
    "generics": ("Map<String, List<T>>", "Map<String, List<T>>"),
    "ranges": ("From <a-z> to <b-tree>", "From <a-z> to <b-tree>"),
    "comparison": ("Is 1 < 2 > 0?", "Is 1 < 2 > 0?"),
    "lines": (" Rye\n  for\tall ", "Rye for all"),
    "empty": ("", "https://us.example/rye.html"),
    "only markup": ("<em></em>", "https://us.example/rye.html"),
}


@pytest.mark.parametrize(("title", "told"), TITLES.values(), ids=TITLES)
def test_a_title_is_told_as_its_readers_see_it(title: str, told: str) -> None:
    assert trackback.excerpt(article(title=title)).title == told


def test_the_name_of_the_blog_is_told() -> None:
    assert trackback.excerpt(article(blog_name="Brot & Bücher")).blog_name == "Brot & Bücher"


def test_the_author_s_summary_is_told_before_the_text() -> None:
    told = trackback.excerpt(article("<p>First words.</p>", summary="<p>In <b>short</b>.</p>"))

    assert told.text == "In short."


@pytest.mark.parametrize("summary", [None, "", "<p> </p>"])
def test_without_a_summary_the_first_words_are_told(summary: str | None) -> None:
    assert trackback.excerpt(article("<p>First words.</p>", summary=summary)).text == "First words."


TEXTS = {
    "nothing": ("", ""),
    "entities": ("<p>Salt &amp; rye &lt; wheat</p>", "Salt & rye < wheat"),
    "punctuation after an element": (
        '<p>A <em>good</em>, <a href="/x">old</a>.</p>',
        "A good, old.",
    ),
    "element within a word": ("<p>un<b>believ</b>able, H<sub>2</sub>O</p>", "unbelievable, H2O"),
    "paragraphs": ("<p>One.</p><p>Two.</p>", "One. Two."),
    "lines": ("One<br>two<br/>three", "One two three"),
    "lists": ("<ul><li>flour</li><li>water</li></ul>", "flour water"),
    "tables": ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
    "figures": (
        "<figure><img alt=''><figcaption>A loaf</figcaption></figure>It rose",
        "A loaf It rose",
    ),
    "text before a block": ("One<div>two</div>three", "One two three"),
    "blanks": ("<p>\n  One\n\n two&nbsp;three </p>", "One two three"),
    "block of code": ("<p>So:</p><pre><code>x = 1</code></pre><p>Done.</p>", "So: Done."),
    "highlighted code": (
        '<table class="hl"><tr><td><pre>1</pre></td><td><pre>x</pre></td></tr></table>z',
        "z",
    ),
    "code within a line": ("<p>Call <code>main()</code>.</p>", "Call main()."),
    "script and style": ("<style>p{}</style><script>run()</script><p>Text</p>", "Text"),
    "code in a template": ("<template>a<pre>b</pre></template>c", "c"),
    "comment": ("<!-- note --><p>Text</p>", "Text"),
    "name of a file": ("index.html", "index.html"),
    "address": ("https://us.example/", "https://us.example/"),
    "XML declaration": ('<?xml version="1.0"?><p>Text</p>', "Text"),
    "not closed": ("<p>One <b>two", "One two"),
}


@pytest.mark.parametrize(("html", "text"), TEXTS.values(), ids=TEXTS)
def test_the_excerpt_is_plain_text_without_code_samples(html: str, text: str) -> None:
    assert trackback.excerpt(article(html)).text == text
    assert trackback.excerpt(article("<p>Not this.</p>", summary=html)).text in {text, "Not this."}


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ("article aside blockquote div figcaption figure h2 li p section summary td", "a b"),
        ("a b code del em i ins q small span strong sub sup", "ab"),
    ],
    ids=["blocks", "parts of a line"],
)
def test_words_are_apart_where_the_reader_sees_them_apart(tags: str, text: str) -> None:
    for tag in tags.split():
        html = f"<{tag}>a</{tag}><{tag}>b</{tag}>"
        assert trackback.excerpt(article(html)).text == text, tag


LENGTHS = {
    "fits": ("x" * 252, "x" * 252),
    "one too long": ("x" * 253, "x" * 251 + "…"),
    "cut at a word": ("word " * 60, "word " * 49 + "word…"),
    "the last word just does not fit": ("a" * 200 + " " + "b" * 52, "a" * 200 + "…"),
    "the last word just fits": ("a" * 200 + " " + "b" * 51, "a" * 200 + " " + "b" * 51),
    "no comma before the dots": ("a" * 200 + ", " + "b" * 60, "a" * 200 + "…"),
    "long word after a short one": ("See " + "x" * 300, "See…"),
}


@pytest.mark.parametrize(("text", "told"), LENGTHS.values(), ids=LENGTHS)
def test_the_excerpt_is_at_most_252_characters_cut_at_a_word(text: str, told: str) -> None:
    assert trackback.excerpt(article(f"<p>{text}</p>")).text == told
    assert len(told) <= 252


# Answers.


def response(error: str, message: str | None = None) -> str:
    said = "" if message is None else f"<message>{message}</message>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f"<response>\n<error>{error}</error>\n{said}</response>"
    )


def says(body: str | bytes, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return trackback.reply(page(body, status, headers))


GOOD = response("0")
ALREADY = "There is already a ping from that URL for this post."
CLOSED = "Sorry, trackbacks are closed for this item."
LATIN_1 = (
    '<?xml version="1.0" encoding="iso-8859-1"?>'
    "<response><error>0</error><message>für</message></response>"
)

ANSWERS: dict[str, tuple[str | bytes, Reply]] = {
    "WordPress takes it": (GOOD, Reply(SENT, "accepted")),
    "with a message": (response("0", "Thanks &amp; bye"), Reply(SENT, "Thanks & bye")),
    "blanks around the number": (response(" 0\n"), Reply(SENT, "accepted")),
    "several zeros": (response("00"), Reply(SENT, "accepted")),
    "blank lines before": (f"\n\n{GOOD}", Reply(SENT, "accepted")),
    "PHP warning before": (f"<b>Warning</b>: x & y\n{GOOD}", Reply(SENT, "accepted")),
    "Latin-1": (LATIN_1.encode("latin-1"), Reply(SENT, "für")),
    "raw ampersand in a success": (response("0", "Salt & rye"), Reply(SENT, "Salt & rye")),
    "WordPress knows it": (response("1", ALREADY), Reply(SENT, ALREADY)),
    "known, in capitals": (response("1", ALREADY.upper()), Reply(SENT, ALREADY.upper())),
    "known, with a raw ampersand": (
        response("1", f"{ALREADY} Salt & rye"),
        Reply(SENT, f"{ALREADY} Salt & rye"),
    ),
    "WordPress takes none": (response("1", CLOSED), Reply(REFUSED, CLOSED)),
    "error with a raw ampersand": (response("1", "Salt & rye"), Reply(REFUSED, "Salt & rye")),
    "error without a message": (response("1"), Reply(REFUSED, "error 1, without a reason")),
    "empty message": (response("1", " "), Reply(REFUSED, "error 1, without a reason")),
    "other number": (response("17", "No"), Reply(REFUSED, "No")),
    "message over lines": (response("1", "No,\n\tthanks"), Reply(REFUSED, "No, thanks")),
    "message in CDATA": (response("1", "<![CDATA[a & b]]>"), Reply(REFUSED, "a & b")),
    "control characters": (response("1", "\x9bNo\u202e"), Reply(REFUSED, "No")),
    "control characters and an ampersand": (
        response("1", "\x1b[1mNo & no\u202e"),
        Reply(REFUSED, "[1mNo & no"),
    ),
    "raw ampersand and half a character": (
        response("1", "Grüße & \udcff").encode("utf-8", "surrogateescape"),
        Reply(REFUSED, "Grüße & \N{REPLACEMENT CHARACTER}"),
    ),
    "no declaration": ("<response><error>0</error></response>", Reply(SENT, "accepted")),
    "fault before a stray zero": (
        "<response><error>1</error><message>a & <error>0</error></message></response>",
        Reply(REFUSED, "a & <error>0</error>"),
    ),
}


@pytest.mark.parametrize(("body", "reply"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_counts_by_its_error_number(body: str | bytes, reply: Reply) -> None:
    assert says(body) == reply


def wp_die(message: str, status: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<error>\n<code>wp_die</code>\n'
        f"<title><![CDATA[WordPress &rsaquo; Error]]></title>\n<message><![CDATA[{message}]]>"
        f"</message>\n<data>\n<status>{status}</status>\n</data>\n</error>\n"
    )


NONSENSE: dict[str, str | bytes] = {
    "empty": b"",
    "garbage": b"\xff\x00\x80",
    "HTML page": "<!DOCTYPE html><html><body><p>A post</p></body></html>",
    "HTML page that shows an answer": GOOD.replace("<", "&lt;"),
    "no error": "<response></response>",
    "empty error": response(""),
    "error in words": response("none"),
    "error in words, raw ampersand": response("none", "a & b"),
    "negative": response("-0"),
    "error beyond all numbers": response("0" * 5000),
    "the same, raw ampersand": response("0" * 5000, "a & b"),
    "digits of another script": response("\N{ARABIC-INDIC DIGIT ZERO}"),
    "other root": GOOD.replace("response", "answer"),
    "error outside of the response": "<error>0</error><response> & </response>",
    "pingback": "<methodResponse><params><param>ok</param></params></methodResponse>",
    "WordPress dies with 200": wp_die("0", 200),
    "entity bomb": f"<!DOCTYPE response [<!ENTITY a '0'>]>{response('&a;')}",
    "entity of a file": f"<!DOCTYPE response [<!ENTITY a SYSTEM 'file:///zero'>]>{response('&a;')}",
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_may_pass_and_is_no_success(body: str | bytes) -> None:
    assert says(body) == Reply(FAILED, "an answer that makes no sense")


@pytest.mark.parametrize("body", ["", GOOD, response("1", ALREADY), response("1", CLOSED)])
@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (300, Reply(FAILED, "the endpoint answered HTTP 300")),
        (302, Reply(FAILED, "the endpoint answered HTTP 302")),
        (403, Reply(FAILED, "the endpoint answered HTTP 403")),
        (404, Reply(REFUSED, "the endpoint is not there (HTTP 404)", unsupported=True)),
        (405, Reply(FAILED, "the endpoint is not there (HTTP 405)", unsupported=True)),
        (410, Reply(REFUSED, "the endpoint is not there (HTTP 410)", unsupported=True)),
        (429, Reply(FAILED, "it asked for a pause (HTTP 429)", pause=0)),
        (500, Reply(FAILED, "the endpoint answered HTTP 500")),
        (501, Reply(FAILED, "the endpoint is not there (HTTP 501)", unsupported=True)),
        (503, Reply(FAILED, "the endpoint answered HTTP 503")),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_with_any_other_status_only_the_status_counts(status: int, reply: Reply, body: str) -> None:
    assert says(body, status) == reply


@pytest.mark.parametrize(
    ("status", "message", "reply"),
    [
        (409, "Duplicate comment detected", Reply(FAILED, "the endpoint answered HTTP 409")),
        (429, "Slow down.", Reply(FAILED, "it asked for a pause (HTTP 429)", pause=0)),
        (500, "klingon", Reply(FAILED, "the endpoint answered HTTP 500")),
    ],
)
def test_what_wordpress_says_when_it_dies_may_pass(status: int, message: str, reply: Reply) -> None:
    assert says(wp_die(message, status), status) == reply


def test_a_pause_is_as_long_as_its_header_says() -> None:
    assert says("", 429, ("Retry-After", "20")).pause == 20
    assert says("", 503, ("Retry-After", "20")).pause == 20


@pytest.mark.parametrize("part", ["<response>", "<response><error>", "<error>\n", "<message>"])
def test_an_answer_full_of_beginnings_is_read_in_one_go(part: str) -> None:
    """A search for all parts at once would take hours for it."""
    assert says(part * (1_000_000 // len(part))).outcome is FAILED
