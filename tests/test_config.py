"""Every setting: its default, what it takes, and the one clear error for what it does not."""

from __future__ import annotations

import copy
import re
import shutil
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks import __version__
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import SettingsError
from tests.blog import Blog
from tests.neighbour import Neighbour
from tests.samples import from_settings

DEFAULTS: dict[str, Any] = {
    "LINKBACKS_SEND": True,
    "LINKBACKS_CHECK_ONLINE": True,
    "LINKBACKS_PROTOCOLS": ("webmention", "pingback", "trackback"),
    "LINKBACKS_CACHEPATH": "linkbacks.jsonl",
    "LINKBACKS_IGNORED_URLS_PATTERN": (),
    "LINKBACKS_SKIP_NOFOLLOW": False,
    "LINKBACKS_FIRST_RUN_DAYS": 30,
    "LINKBACKS_REQUEST_TIMEOUT": 10,
    "LINKBACKS_TIME_BUDGET": 60,
    "LINKBACKS_WORKERS": 64,
    "LINKBACKS_PER_HOST": 2,
    "LINKBACKS_MAX_ATTEMPTS": 6,
    "LINKBACKS_USERAGENT": None,
    "LINKBACKS_CERT_VERIFY": True,
    "LINKBACKS_ALLOW_NETWORKS": (),
    "LINKBACKS_PROXY": None,
    "LINKBACKS_PAGES": False,
    "LINKBACKS_ENDPOINT": None,
    "LINKBACKS_WEBMENTION_ENDPOINT": None,
    "LINKBACKS_PINGBACK_ENDPOINT": None,
    "LINKBACKS_TRACKBACK_ENDPOINT": None,
    "LINKBACKS_SHOW_TRACKBACK_URL": False,
    "LINKBACKS_HEADER_FILES": (),
    "LINKBACKS_RECEIVED": None,
    "LINKBACKS_SHOW": True,
    "LINKBACKS_REL": "nofollow ugc",
    "LINKBACKS_FOLLOW": (),
    "LINKBACKS_DATABASE": None,
    "LINKBACKS_TARGETS": None,
    "LINKBACKS_RETENTION_DAYS": 30,
    "LINKBACKS_WEBHOOK": None,
    "LINKBACKS_MAIL": None,
}

MAIL = "smtps://me%40me.example:s%2Fecret@mail.example:465/?to=me@me.example&from=blog@me.example"

TAKEN = [
    ("LINKBACKS_SEND", False, False),
    ("LINKBACKS_CHECK_ONLINE", False, False),
    ("LINKBACKS_PROTOCOLS", ["trackback", "pingback"], ("trackback", "pingback")),
    ("LINKBACKS_PROTOCOLS", [], ()),
    ("LINKBACKS_PROTOCOLS", ("pingback", "pingback"), ("pingback",)),
    ("LINKBACKS_CACHEPATH", "told.jsonl", "told.jsonl"),
    ("LINKBACKS_CACHEPATH", Path("told.jsonl"), "told.jsonl"),
    ("LINKBACKS_SKIP_NOFOLLOW", True, True),
    ("LINKBACKS_FIRST_RUN_DAYS", 0, 0),
    ("LINKBACKS_FIRST_RUN_DAYS", 1_000_000, 1_000_000),
    ("LINKBACKS_REQUEST_TIMEOUT", 0.1, 0.1),
    ("LINKBACKS_TIME_BUDGET", 0, 0),
    ("LINKBACKS_WORKERS", 1, 1),
    ("LINKBACKS_PER_HOST", 1, 1),
    ("LINKBACKS_MAX_ATTEMPTS", 1, 1),
    ("LINKBACKS_USERAGENT", "Brötchen & Käse", "Brötchen & Käse"),
    ("LINKBACKS_CERT_VERIFY", False, False),
    ("LINKBACKS_CERT_VERIFY", __file__, __file__),
    ("LINKBACKS_CERT_VERIFY", Path(__file__), __file__),
    ("LINKBACKS_ALLOW_NETWORKS", ["127.0.0.1/8"], (ip_network("127.0.0.0/8"),)),
    ("LINKBACKS_ALLOW_NETWORKS", ("::1", "10.1.2.3"), (ip_network("::1"), ip_network("10.1.2.3"))),
    ("LINKBACKS_ALLOW_NETWORKS", [ip_network("fc00::/7")], (ip_network("fc00::/7"),)),
    ("LINKBACKS_PROXY", "http://proxy.example:3128", "http://proxy.example:3128"),
    ("LINKBACKS_PAGES", True, True),
    ("LINKBACKS_ENDPOINT", "https://me.example/say", "https://me.example/say"),
    ("LINKBACKS_WEBMENTION_ENDPOINT", "https://me.example/w", "https://me.example/w"),
    ("LINKBACKS_PINGBACK_ENDPOINT", "https://me.example/p", "https://me.example/p"),
    ("LINKBACKS_PINGBACK_ENDPOINT", "https://me.example/?a=1&b", "https://me.example/?a=1&b"),
    ("LINKBACKS_TRACKBACK_ENDPOINT", "https://me.example/{path}", "https://me.example/{path}"),
    ("LINKBACKS_TRACKBACK_ENDPOINT", "https://me.example/{slug}", "https://me.example/{slug}"),
    ("LINKBACKS_SHOW_TRACKBACK_URL", True, True),
    ("LINKBACKS_HEADER_FILES", ["nginx"], ("nginx",)),
    ("LINKBACKS_RECEIVED", "feed:https://me.example/f", ("feed:https://me.example/f",)),
    ("LINKBACKS_RECEIVED", ["webmention.io", "a.json"], ("webmention.io", "a.json")),
    ("LINKBACKS_RECEIVED", ["a.json", "a.json"], ("a.json",)),
    ("LINKBACKS_RECEIVED", "https://me.example/say", ("https://me.example/say",)),
    ("LINKBACKS_RECEIVED", "receiver:http://me.example:8000", ("receiver:http://me.example:8000",)),
    (
        "LINKBACKS_RECEIVED",
        "receiver:https://me.example/a.json?b=c&d",
        ("receiver:https://me.example/a.json?b=c&d",),
    ),
    (
        "LINKBACKS_RECEIVED",
        "webmention.io:https://wm.example/",
        ("webmention.io:https://wm.example/",),
    ),
    (
        "LINKBACKS_RECEIVED",
        "feed:https://me.example/?feed=a&b#c",
        ("feed:https://me.example/?feed=a&b#c",),
    ),
    ("LINKBACKS_RECEIVED", "../kept/a b.json", ("../kept/a b.json",)),
    ("LINKBACKS_RECEIVED", Path("kept") / "a.json", (str(Path("kept") / "a.json"),)),
    ("LINKBACKS_RECEIVED", "C:\\kept\\a.json", ("C:\\kept\\a.json",)),
    ("LINKBACKS_RECEIVED", [], ()),
    ("LINKBACKS_SHOW", False, False),
    ("LINKBACKS_REL", "ugc", "ugc"),
    ("LINKBACKS_FOLLOW", ["friend.example"], ("friend.example",)),
    ("LINKBACKS_FOLLOW", "Friend.Example", ("friend.example",)),
    (
        "LINKBACKS_FOLLOW",
        ["ÄÖ.example", "localhost", "10.0.0.1"],
        ("äö.example", "localhost", "10.0.0.1"),
    ),
    ("LINKBACKS_FOLLOW", ["a.example", "A.example"], ("a.example",)),
    ("LINKBACKS_DATABASE", "sqlite:///a", "sqlite:///a"),
    ("LINKBACKS_TARGETS", "targets.json", "targets.json"),
    ("LINKBACKS_RETENTION_DAYS", 0.5, 0.5),
    ("LINKBACKS_WEBHOOK", "https://me.example/hook", "https://me.example/hook"),
    ("LINKBACKS_MAIL", MAIL, MAIL),
    ("LINKBACKS_MAIL", "smtp://localhost?to=me@me.example", "smtp://localhost?to=me@me.example"),
]

A_FLAG = "True or False"
A_URL = "an http(s) URL, or None"
A_MAIL_URL = "smtp[s]://[USER:PASSWORD@]HOST[:PORT]/?to=ADDRESS, or None"
PROTOCOLS = "a list of names out of ('webmention', 'pingback', 'trackback')"
DAYS = "a number of days from 0 to 1000000"
SECONDS = "a number of seconds from 0 to 1000000"
TIMEOUT = "a number of seconds from 0.1 to 1000000"
COUNT = "a whole number from 1 to 1000000"
PATTERNS = "a regular expression, a list of them, or None"
NETWORKS = 'a list of networks such as "127.0.0.0/8"'
BUNDLE = "True, False or the path of a CA bundle"
TRACKBACK = "an http(s) URL with {path} or {slug} in it and no other braces, or None"
VERBATIM = 'an http(s) URL without HTML entities such as "&amp;", or None'
BASE = 'an http(s) URL without "?", "#" and HTML entities such as "&amp;", or None'
ORIGINS = (
    '"receiver:URL", "feed:URL", "webmention.io", "webmention.io:URL", an http(s) URL, '
    "the path of a file, a list of these, or None"
)
HOSTS = 'a list of host names such as "blog.example"'
INFINITE = float("inf")

WRONG = [
    ("LINKBACKS_SEND", "no", A_FLAG),
    ("LINKBACKS_SEND", 1, A_FLAG),
    ("LINKBACKS_SEND", None, A_FLAG),
    ("LINKBACKS_CHECK_ONLINE", 0, A_FLAG),
    ("LINKBACKS_PROTOCOLS", "pingback", PROTOCOLS),
    ("LINKBACKS_PROTOCOLS", ["pingback", "xmlrpc"], PROTOCOLS),
    ("LINKBACKS_PROTOCOLS", None, PROTOCOLS),
    ("LINKBACKS_PROTOCOLS", [["pingback"]], PROTOCOLS),
    ("LINKBACKS_CACHEPATH", "", "the path of a file"),
    ("LINKBACKS_CACHEPATH", None, "the path of a file"),
    ("LINKBACKS_CACHEPATH", "a\nb", "the path of a file"),
    ("LINKBACKS_CACHEPATH", "/", "the path of a file"),
    ("LINKBACKS_IGNORED_URLS_PATTERN", 7, PATTERNS),
    ("LINKBACKS_IGNORED_URLS_PATTERN", re.compile(b"example"), PATTERNS),
    ("LINKBACKS_IGNORED_URLS_PATTERN", [b"example"], PATTERNS),
    ("LINKBACKS_SKIP_NOFOLLOW", "True", A_FLAG),
    ("LINKBACKS_FIRST_RUN_DAYS", -1, DAYS),
    ("LINKBACKS_FIRST_RUN_DAYS", INFINITE, DAYS),
    ("LINKBACKS_FIRST_RUN_DAYS", float("nan"), DAYS),
    ("LINKBACKS_FIRST_RUN_DAYS", True, DAYS),
    ("LINKBACKS_FIRST_RUN_DAYS", "30", DAYS),
    ("LINKBACKS_REQUEST_TIMEOUT", 0, TIMEOUT),
    ("LINKBACKS_REQUEST_TIMEOUT", INFINITE, TIMEOUT),
    ("LINKBACKS_REQUEST_TIMEOUT", None, TIMEOUT),
    ("LINKBACKS_TIME_BUDGET", -0.5, SECONDS),
    ("LINKBACKS_WORKERS", 0, COUNT),
    ("LINKBACKS_WORKERS", 2.0, COUNT),
    ("LINKBACKS_PER_HOST", True, COUNT),
    ("LINKBACKS_MAX_ATTEMPTS", 0, COUNT),
    ("LINKBACKS_USERAGENT", "", "a line of text, or None"),
    ("LINKBACKS_USERAGENT", "a\r\nX-Evil: b", "a line of text, or None"),
    ("LINKBACKS_USERAGENT", 7, "a line of text, or None"),
    ("LINKBACKS_CERT_VERIFY", "/no/such/bundle", BUNDLE),
    ("LINKBACKS_CERT_VERIFY", None, BUNDLE),
    ("LINKBACKS_ALLOW_NETWORKS", "127.0.0.0/8", NETWORKS),
    ("LINKBACKS_ALLOW_NETWORKS", 7, NETWORKS),
    ("LINKBACKS_PROXY", "proxy.example:3128", A_URL),
    ("LINKBACKS_PROXY", "socks5://proxy.example", A_URL),
    ("LINKBACKS_PAGES", "yes", A_FLAG),
    ("LINKBACKS_ENDPOINT", "/say", BASE),
    ("LINKBACKS_ENDPOINT", "https://", BASE),
    ("LINKBACKS_ENDPOINT", "https://me.example/?say", BASE),
    ("LINKBACKS_WEBMENTION_ENDPOINT", 7, A_URL),
    ("LINKBACKS_PINGBACK_ENDPOINT", "", VERBATIM),
    ("LINKBACKS_PINGBACK_ENDPOINT", "https://me.example/p?a&amp;b", VERBATIM),
    ("LINKBACKS_PINGBACK_ENDPOINT", "https://me.example/p?a&lt=b", VERBATIM),
    ("LINKBACKS_TRACKBACK_ENDPOINT", "https://me.example/t", TRACKBACK),
    ("LINKBACKS_TRACKBACK_ENDPOINT", "/t/{path}", TRACKBACK),
    ("LINKBACKS_TRACKBACK_ENDPOINT", "https://me.example/{year}/{slug}", TRACKBACK),
    ("LINKBACKS_SHOW_TRACKBACK_URL", "", A_FLAG),
    (
        "LINKBACKS_HEADER_FILES",
        "nginx",
        "a list of names out of ('netlify', 'apache', 'nginx')",
    ),
    *(
        ("LINKBACKS_RECEIVED", given, ORIGINS)
        for given in (
            7,
            [7],
            ["a.json", ""],
            ["a.json", None],
            "/",
            "a\nb.json",
            "feed:",
            "feed:me.example/feed",
            "feed:ftp://me.example/feed",
            "receiver:",
            "receiver:a.json",
            "receiver:https://",
            "https://me.example/?say",
            "https://me.example/say#a",
            "reciever:https://me.example",
            "ftp://me.example/a.json",
            "webmention.io:",
            "webmention.io:my-token",
            "webmention.io:https://wm.example/?a",
        )
    ),
    ("LINKBACKS_SHOW", "", A_FLAG),
    ("LINKBACKS_REL", None, "the rel of shown links, as text"),
    *(
        ("LINKBACKS_FOLLOW", given, HOSTS)
        for given in (
            7,
            [7],
            "",
            [""],
            ["https://friend.example"],
            ["friend.example/blog"],
            ["friend.example:80"],
            ["friend.example, other.example"],
            ["friend.example "],
            [".friend.example"],
            ["*.friend.example"],
            ["friend..example"],
        )
    ),
    ("LINKBACKS_DATABASE", 7, "a path or an SQLAlchemy URL, or None"),
    ("LINKBACKS_TARGETS", "", "a path or a URL, or None"),
    ("LINKBACKS_RETENTION_DAYS", None, DAYS),
    ("LINKBACKS_WEBHOOK", "me.example", A_URL),
    ("LINKBACKS_MAIL", 7, A_MAIL_URL),
]


def config(folder: Path = Path("/blog"), /, **settings: Any) -> Config:
    """The Config of a site in a folder, from Pelican's settings."""
    pelican = {
        "SITEURL": "https://me.example",
        "PATH": str(folder / "content"),
        "OUTPUT_PATH": str(folder / "output"),
        "CACHE_PATH": str(folder / "cache"),
    }
    return Config.from_settings(pelican | settings)


def problems(**settings: Any) -> list[str]:
    """What Config has to say of settings."""
    with pytest.raises(SettingsError) as caught:
        config(**settings)
    return caught.value.problems


def value(made: Config, name: str) -> Any:
    """What a setting has come to."""
    return getattr(made, name.removeprefix("LINKBACKS_").lower())


def test_without_any_setting_all_have_their_defaults() -> None:
    made = config()
    assert {name: value(made, name) for name in DEFAULTS} == DEFAULTS
    assert made.output == Path("/blog/output")


def test_the_settings_of_others_are_no_concern() -> None:
    assert config(LINKBACK_SEND="?", SOME_LINKBACKS_SEND=1, linkbacks_send=2) == config()


@pytest.mark.parametrize("name", [n for n, default in DEFAULTS.items() if default in (None, ())])
def test_none_means_the_default_where_that_is_nothing(name: str) -> None:
    assert config(**{name: None}) == config()


@pytest.mark.parametrize(("name", "given", "made"), TAKEN)
def test_a_setting_takes_what_it_says(name: str, given: Any, made: Any) -> None:
    assert value(config(**{name: given}), name) == made


@pytest.mark.parametrize(
    "given",
    [r"^https?://(www\.)?big\.example", re.compile(r"BIG\.example", re.IGNORECASE)],
    ids=["text", "compiled"],
)
def test_patterns_are_texts_or_compiled_or_a_list_of_both(given: str | re.Pattern[str]) -> None:
    for patterns in (given, [given], (r"never\.example", given)):
        made = config(LINKBACKS_IGNORED_URLS_PATTERN=patterns).ignored_urls_pattern
        assert any(pattern.search("https://big.example/1") for pattern in made)
        assert not any(pattern.search("https://small.example/") for pattern in made)


@pytest.mark.parametrize(("name", "given", "takes"), WRONG)
def test_a_wrong_value_is_one_error_with_the_setting_its_value_and_what_it_takes(
    name: str, given: Any, takes: str
) -> None:
    assert problems(**{name: given}) == [f"{name} is {given!r}; it takes {takes}."]


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        (
            "LINKBACKS_IGNORED_URLS_PATTERN",
            "a(",
            "missing ), unterminated subpattern at position 1",
        ),
        ("LINKBACKS_IGNORED_URLS_PATTERN", ["a", "*"], "nothing to repeat at position 0"),
        ("LINKBACKS_PROXY", "http://[::1", "Invalid IPv6 URL"),
        (
            "LINKBACKS_ALLOW_NETWORKS",
            ["127.0.0.0/99"],
            "'127.0.0.0/99' does not appear to be an IPv4 or IPv6 network",
        ),
    ],
)
def test_an_error_says_what_is_wrong_within_the_value(name: str, given: Any, why: str) -> None:
    (problem,) = problems(**{name: given})
    assert problem.startswith(f"{name} is {given!r} ({why}); it takes ")


def test_a_long_wrong_value_is_shown_short() -> None:
    (problem,) = problems(LINKBACKS_PROTOCOLS=["x" * 10_000])
    assert problem.startswith("LINKBACKS_PROTOCOLS is ['xxx")
    assert len(problem) < 200


@pytest.mark.parametrize(
    "url",
    [
        "me@me.example",
        "https://mail.example/?to=me@me.example",
        "smtp:///?to=me@me.example",
        "smtp://mail.example/",
        "smtp://mail.example/?to=",
        "smtp://mail.example/?to=me",
        "smtp://mail.example/?to=a@b.example,c@d.example",
        "smtp://mail.example/?to=a@b.example%0AX:%20y",
        "smtp://mail.example/?to=a@b.example&subject=x",
        "smtp://mail.example/box?to=a@b.example",
        "smtp://mail.example:0/?to=a@b.example",
    ],
)
def test_what_is_no_way_to_write_a_mail_is_an_error(url: str) -> None:
    (problem,) = problems(LINKBACKS_MAIL=url)
    assert problem.startswith("LINKBACKS_MAIL is ")
    assert problem.endswith(f"; it takes {A_MAIL_URL}.")


def test_a_wrong_value_is_shown_without_the_password_in_it() -> None:
    assert problems(LINKBACKS_MAIL="smtp://me:s3cr@t/@mail.example/") == [
        f"LINKBACKS_MAIL is 'smtp://…@mail.example/'; it takes {A_MAIL_URL}."
    ]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("LINKBACKS_USER_AGENT", "LINKBACKS_USERAGENT"),
        ("LINKBACKS_TIMEOUT", "LINKBACKS_TIME_BUDGET"),
        ("LINKBACKS_IGNORED_URL_PATTERN", "LINKBACKS_IGNORED_URLS_PATTERN"),
        ("LINKBACKS_CACHE_PATH", "LINKBACKS_CACHEPATH"),
        ("LINKBACKS_WORKER", "LINKBACKS_WORKERS"),
    ],
)
def test_an_unknown_setting_is_an_error_that_suggests_the_nearest(name: str, near: str) -> None:
    said = f"{name} is not a setting of pelican_linkbacks; did you mean {near}?"
    assert problems(**{name: None}) == [said]


def test_an_unknown_setting_near_to_none_is_an_error_that_points_to_the_list() -> None:
    (problem,) = problems(LINKBACKS_X1Y2Z3Q4W5V6K7J8=True)
    assert problem.endswith(
        " is not a setting of pelican_linkbacks; see the list of settings in the README."
    )


def test_all_errors_are_told_at_once() -> None:
    found = problems(LINKBACKS_SENDS=True, LINKBACKS_WORKERS=0, LINKBACKS_PROXY=7)
    assert [problem.split()[0] for problem in found] == [
        "LINKBACKS_SENDS",
        "LINKBACKS_WORKERS",
        "LINKBACKS_PROXY",
    ]


def test_siteurl_loses_its_final_slash_and_may_be_missing() -> None:
    assert config(SITEURL="https://me.example/blog/").siteurl == "https://me.example/blog"
    assert config(SITEURL=None).siteurl == config(SITEURL="").siteurl == ""


def test_the_user_agent_names_plugin_and_site_unless_the_author_names_another() -> None:
    agent = f"pelican-linkbacks/{__version__} (Webmention; +https://me.example)"
    assert config().user_agent == agent
    assert config(LINKBACKS_USERAGENT="Me").user_agent == "Me"


def test_the_state_stands_beside_the_content_folder(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "pelicanconf.py").touch()
    assert config(tmp_path).state_file == tmp_path / "linkbacks.jsonl"
    named = config(tmp_path, LINKBACKS_CACHEPATH="data/told.jsonl")
    assert named.state_file == tmp_path / "data" / "told.jsonl"


@pytest.mark.parametrize("name", ["pelicanconf.py", "publishconf.py", "my-conf.py"])
def test_the_state_stands_in_the_content_folder_if_the_settings_do(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / name).touch()
    assert config(tmp_path).state_file == tmp_path / "content" / "linkbacks.jsonl"


def test_the_state_stands_wherever_an_absolute_path_says(tmp_path: Path) -> None:
    named = tmp_path / "elsewhere.jsonl"
    assert config(LINKBACKS_CACHEPATH=str(named)).state_file == named


def test_after_an_error_the_site_is_built_and_nothing_is_sent_or_written(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings |= {"LINKBACKS_WORKERS": "many", "LINKBACKS_SENT": True, "LINKBACKS": {}}
    blog.write("one", neighbour.link())
    build = blog.build()
    assert sorted(problem.split()[0] for problem in build.problems) == [
        "LINKBACKS",
        "LINKBACKS_SENT",
        "LINKBACKS_WORKERS",
    ]
    assert neighbour.post() in (blog.output / "one.html").read_text()
    assert build.said == []
    assert not blog.state_file.exists()
    assert not (blog.folder / "cache").exists()
    assert not neighbour.requests
    assert not blog.web.requests


def test_a_site_whose_settings_are_mended_is_told_of(blog: Blog, neighbour: Neighbour) -> None:
    blog.settings["LINKBACKS_WORKERS"] = "many"
    blog.write("one", neighbour.link())
    blog.build()
    blog.settings["LINKBACKS_WORKERS"] = 4
    (blog.output / "one.html").unlink()
    assert blog.build().problems == []
    assert len(neighbour.notices) == 1


@pytest.mark.parametrize("pattern", ["/header/1", re.compile("/HEADER/1$", re.IGNORECASE)])
def test_a_pattern_in_the_settings_file_keeps_its_targets_from_being_told(
    blog: Blog, neighbour: Neighbour, pattern: str | re.Pattern[str]
) -> None:
    blog.settings["LINKBACKS_IGNORED_URLS_PATTERN"] = [pattern]
    blog.write("one", neighbour.link(1) + neighbour.link(2))
    blog.build()
    assert blog.outcomes() == {neighbour.post(1): "skipped", neighbour.post(2): "sent"}


def cached(blog: Blog) -> Blog:
    """The blog, with articles kept by Pelican's own cache between builds."""
    blog.settings |= {
        "CACHE_CONTENT": True,
        "LOAD_CONTENT_CACHE": True,
        "CONTENT_CACHING_LAYER": "generator",
        "LINKBACKS_IGNORED_URLS_PATTERN": re.compile("never"),
    }
    return blog


def test_the_generators_content_cache_works_over_two_builds(
    blog: Blog, neighbour: Neighbour
) -> None:
    cached(blog).write("one", neighbour.link(1))
    assert blog.build().problems == []
    assert (blog.folder / "cache" / "ArticlesGenerator").exists()
    blog.write("two", neighbour.link(2))
    build = blog.build()
    assert build.problems == []
    assert build.summary.startswith("Linkbacks: 1 new, 1 sent ")
    assert "Linkbacks: 2 articles, 1 of them read for links" in build.info
    assert blog.build().summary.startswith("Linkbacks: 0 new, 0 sent, ")


def test_a_cache_that_was_written_with_the_plugin_loads_where_it_is_not_installed(
    blog: Blog, neighbour: Neighbour
) -> None:
    cached(blog).write("one", neighbour.link(1))
    blog.build()
    written = (blog.output / "one.html").read_bytes()
    shutil.rmtree(blog.output)
    blog.settings["PLUGINS"] = []
    blog.save_settings()
    done = blog.python(
        "-c",
        "import sys\n"
        # Makes every import of the package fail.
        "sys.modules['pelican_linkbacks'] = None\n"
        "from pelican import main\n"
        "main(['-s', 'pelicanconf.py', '-D', '--fatal', 'warnings'])\n",
    )
    assert done.returncode == 0, done.stdout
    assert "Cannot load cache" not in done.stdout
    assert (blog.output / "one.html").read_bytes() == written


def test_settings_that_another_plugin_copies_still_hold_ours() -> None:
    settings = {"LINKBACKS": from_settings()}
    assert copy.deepcopy(settings) == settings
