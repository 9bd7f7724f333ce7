"""URLs: what is compared of them, and which of them are ours."""

from __future__ import annotations

import pytest

from pelican_linkbacks.urls import absolute, host_of, is_under, key, path_under, silence
from tests.samples import config

HOSTS = {
    "": "",
    "post.html": "",
    "/post.html": "",
    "//us.example/": "",
    "mailto:me@us.example": "",
    "javascript:alert(1)": "",
    "ftp://us.example/": "",
    "http:us.example": "",
    "https://": "",
    "https:///post": "",
    "https://[us.example/": "",
    "https://us.example:port/": "",
    "https://us.example:99999/": "",
    "https://us.example": "us.example",
    "HTTPS://Us.Example/Post": "us.example",
    "  https://us.example/\n": "us.example",
    "\nhttps://us.example ": "us.example",
    "http://us.example:80/": "us.example",
    "https://us.example:443/": "us.example",
    "http://us.example:443/": "us.example:443",
    "https://us.example:8080/": "us.example:8080",
    "https://us.example:/": "us.example",
    "https://name:word@us.example/": "us.example",
}


@pytest.mark.parametrize(("url", "host"), HOSTS.items())
def test_only_absolute_http_urls_have_a_host(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://us.example/post", "https://us.example/post#comments"),
        ("https://us.example/post", "HTTPS://US.example/post"),
        ("https://us.example/post", "\n https://us.example/post \n"),
        ("https://us.example/post", "https://us.example:443/post"),
        ("http://us.example/post", "http://us.example:80/post"),
        ("https://us.example", "https://us.example/"),
        ("https://us.example/?a=1", " https://us.example?a=1#x "),
    ],
)
def test_fragment_default_port_and_case_of_the_host_do_not_tell_urls_apart(
    one: str, other: str
) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    "other",
    [
        "http://us.example/post?a=1",
        "https://us.example:8080/post?a=1",
        "https://www.us.example/post?a=1",
        "https://us.example/Post?a=1",
        "https://us.example/post/?a=1",
        "https://us.example/post?a=2",
        "https://us.example/post",
    ],
)
def test_everything_else_tells_urls_apart(other: str) -> None:
    assert key("https://us.example/post?a=1") != key(other)


SITES = ["https://us.example/blog", "https://them.example", "http://us.example:8080/x/"]


@pytest.mark.parametrize(
    ("url", "ours"),
    {
        "https://us.example/": False,
        "https://us.example/blogger": False,
        "https://us.example/Blog/": False,
        "https://us.example/other/blog/": False,
        "https://www.us.example/blog/": False,
        "https://us.example:8443/blog/": False,
        "https://us.example.com/blog/": False,
        "https://us.example:8080/y/": False,
        "ftp://us.example/blog/": False,
        "/blog/post": False,
        "": False,
        "https://us.example/blog": True,
        "https://us.example/blog/": True,
        "https://us.example/blog/post.html": True,
        "https://us.example/blog?page=2": True,
        "http://us.example/blog/post": True,
        "https://US.example:443/blog/post#x": True,
        "https://them.example": True,
        "https://them.example/any/thing": True,
        "http://us.example:8080/x": True,
        "http://us.example:8080/x/y": True,
    }.items(),
)
def test_a_url_is_ours_by_host_and_path_whatever_its_scheme(url: str, *, ours: bool) -> None:
    assert is_under(url, SITES) is ours


def test_nothing_is_ours_without_a_site() -> None:
    assert not is_under("https://us.example/", [])
    assert not is_under("https://us.example/", [""])
    assert not is_under("", [""])


@pytest.mark.parametrize(
    ("url", "whole"),
    {
        "post.html": "https://us.example/blog/post.html",
        "2026/grüße & more.html": "https://us.example/blog/2026/gr%C3%BC%C3%9Fe%20&%20more.html",
        "gr%C3%BC%C3%9Fe.html": "https://us.example/blog/gr%C3%BC%C3%9Fe.html",
        "post/?a=1#x": "https://us.example/blog/post/?a=1#x",
        "": "https://us.example/blog/",
        "https://other.example/post": "https://other.example/post",
    }.items(),
)
def test_pelican_s_urls_are_made_absolute_and_percent_encoded_once(url: str, whole: str) -> None:
    assert absolute("https://us.example/blog", url) == whole


@pytest.mark.parametrize(
    ("url", "path"),
    {
        "https://us.example/blog/2026/post.html": "2026/post.html",
        "http://us.example/blog/gr%C3%BC%C3%9Fe/?a=1#x": "gr%C3%BC%C3%9Fe/",
        "https://us.example/blog/": "",
        "https://us.example/blogger/post": "https://us.example/blogger/post",
        "https://de.us.example/blog/post": "https://de.us.example/blog/post",
    }.items(),
)
def test_a_source_is_known_by_its_path_under_the_site(url: str, path: str) -> None:
    assert path_under("https://us.example/blog", url) == path


PRIVATE = "is a private address"


@pytest.mark.parametrize(
    ("siteurl", "reason"),
    {
        "": "SITEURL is empty, as in development",
        ".": "SITEURL (.) is no absolute http(s) URL",
        "//us.example": "SITEURL (//us.example) is no absolute http(s) URL",
        "ftp://us.example": "SITEURL (ftp://us.example) is no absolute http(s) URL",
        "http://localhost:8000": f"SITEURL (http://localhost:8000) {PRIVATE}",
        "http://blog.localhost": f"SITEURL (http://blog.localhost) {PRIVATE}",
        "http://127.0.0.1": f"SITEURL (http://127.0.0.1) {PRIVATE}",
        "http://192.168.1.2": f"SITEURL (http://192.168.1.2) {PRIVATE}",
        "http://[::1]:8000": f"SITEURL (http://[::1]:8000) {PRIVATE}",
    }.items(),
)
def test_a_site_that_nobody_can_reach_is_silent_and_says_why(siteurl: str, reason: str) -> None:
    assert silence(config(siteurl, allow_networks=())) == reason


@pytest.mark.parametrize("siteurl", ["https://us.example", "http://8.8.8.8", "https://us.local/x"])
def test_a_public_site_is_not_silent(siteurl: str) -> None:
    assert silence(config(siteurl, allow_networks=())) is None


@pytest.mark.parametrize("siteurl", ["http://127.0.0.1:8000", "http://localhost:8000"])
def test_a_private_site_speaks_where_its_network_is_allowed(siteurl: str) -> None:
    assert silence(config(siteurl)) is None
