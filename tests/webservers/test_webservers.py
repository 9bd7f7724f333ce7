"""What visitors get from servers that read our header files."""

from collections.abc import Callable

import pytest

from pelican_linkbacks import header_files
from tests.webservers.servers import MOD_HEADERS, MOD_REWRITE, Answer, WebServer

WEBMENTION = "https://receiver.example/webmention?blog=100%25&of=k%C3%A4se"
PINGBACK = "https://receiver.example/pingback?blog=100%25&of=k%C3%A4se"
LINK = f'<{WEBMENTION}>; rel="webmention"'
OWN_LINK = '<https://blog.example/style.css>; rel="preload"'

ARTICLES = ["/rye.html", "/2026/11/rye/"]
OTHERS = ["/feeds/all.atom.xml", "/images/rye.png", "/2026/11/rye/crumb.png", "/robots.txt"]

INCLUDE = "include {site}/linkbacks.nginx*;"

REWRITE = """\
RewriteEngine on
RewriteCond %{REQUEST_FILENAME}.html -f
RewriteRule ^(.+)$ $1.html
"""

Ask = Callable[..., Answer]


def write(server: WebServer, webmention: str | None = WEBMENTION) -> None:
    """Write all files into the site, as a build does."""
    pingback = PINGBACK if webmention else None
    problems = header_files.write(
        server.site, header_files.FILES, webmention, pingback, ["rye.html"]
    )
    assert problems == []


def include(server: WebServer) -> str:
    """The one line that an author adds to his server block."""
    return INCLUDE.format(site=server.site)


def assert_advertised(ask: Ask, path: str) -> None:
    """Both headers stand on a page once, whichever way it is asked for."""
    for method in ("GET", "HEAD"):
        answer = ask(path, method)
        assert answer.status == 200
        assert answer.values("X-Pingback") == [PINGBACK]
        assert answer.values("Link") == [LINK]


def assert_silent(ask: Ask, path: str, status: int = 200) -> None:
    """Neither header is there."""
    for method in ("GET", "HEAD"):
        answer = ask(path, method)
        assert answer.status == status
        assert answer.values("X-Pingback") == []
        assert answer.values("Link") == []


@pytest.mark.parametrize("path", ARTICLES)
def test_nginx_names_the_endpoints_once_on_an_article(nginx: WebServer, path: str) -> None:
    write(nginx)
    with nginx.serving(include(nginx)) as ask:
        assert_advertised(ask, path)


@pytest.mark.parametrize("path", ARTICLES)
def test_apache_names_the_endpoints_once_on_an_article(apache: WebServer, path: str) -> None:
    write(apache)
    with apache.serving(MOD_HEADERS) as ask:
        assert_advertised(ask, path)


def test_nginx_adds_nothing_to_feeds_images_and_texts(nginx: WebServer) -> None:
    write(nginx)
    with nginx.serving(include(nginx)) as ask:
        for path in OTHERS:
            assert_silent(ask, path)


def test_apache_adds_nothing_to_feeds_images_and_texts(apache: WebServer) -> None:
    write(apache)
    with apache.serving(MOD_HEADERS) as ask:
        for path in OTHERS:
            assert_silent(ask, path)


def test_nginx_names_the_endpoints_on_articles_without_an_extension(nginx: WebServer) -> None:
    write(nginx)
    lines = include(nginx) + "location / { try_files $uri $uri.html $uri/index.html =404; }"
    with nginx.serving(lines) as ask:
        assert_advertised(ask, "/rye")
        assert_advertised(ask, "/2026/11/rye")
        assert_advertised(ask, "/2026/11/rye/")
        assert_silent(ask, "/feeds/all.atom.xml")


def test_apache_names_the_endpoints_on_articles_without_an_extension(apache: WebServer) -> None:
    (apache.site / ".htaccess").write_text(REWRITE)
    write(apache)
    with apache.serving(f"{MOD_HEADERS}\n{MOD_REWRITE}") as ask:
        assert_advertised(ask, "/rye")
        assert_advertised(ask, "/2026/11/rye/")
        assert_silent(ask, "/feeds/all.atom.xml")


def test_nginx_adds_nothing_to_a_page_that_is_not_there(nginx: WebServer) -> None:
    write(nginx)
    with nginx.serving(include(nginx) + "error_page 404 /404.html;") as ask:
        assert_silent(ask, "/gone.html", 404)


def test_apache_adds_nothing_to_a_page_that_is_not_there(apache: WebServer) -> None:
    write(apache)
    with apache.serving(MOD_HEADERS) as ask:
        assert_silent(ask, "/gone.html", 404)


def test_nginx_goes_on_sending_the_headers_of_its_server_block(nginx: WebServer) -> None:
    write(nginx)
    own = f"add_header X-Own yes; add_header Link '{OWN_LINK}';"
    with nginx.serving(own + include(nginx)) as ask:
        article, image = ask("/rye.html"), ask("/images/rye.png")
        assert article.values("X-Own") == image.values("X-Own") == ["yes"]
        assert sorted(article.values("Link")) == sorted([OWN_LINK, LINK])
        assert image.values("Link") == [OWN_LINK]


def test_apache_goes_on_sending_the_headers_of_the_authors_own_file(apache: WebServer) -> None:
    own = f"Header set X-Own yes\nHeader set Link '{OWN_LINK}'\n"
    (apache.site / ".htaccess").write_text(own)
    write(apache)
    with apache.serving(MOD_HEADERS) as ask:
        article, image = ask("/rye.html"), ask("/images/rye.png")
        assert article.values("X-Own") == image.values("X-Own") == ["yes"]
        assert sorted(article.values("Link")) == sorted([OWN_LINK, LINK])
        assert image.values("Link") == [OWN_LINK]


def test_an_nginx_location_with_headers_of_its_own_repeats_two_lines(nginx: WebServer) -> None:
    write(nginx)
    location = """
        location /2026/ {
          add_header X-Own yes;
          add_header X-Pingback $linkbacks_pingback;
          add_header Link $linkbacks_webmention;
        }
    """
    with nginx.serving(include(nginx) + location) as ask:
        assert_advertised(ask, "/2026/11/rye/")
        assert_silent(ask, "/2026/11/rye/crumb.png")


def test_an_apache_without_mod_headers_still_serves_the_pages(apache: WebServer) -> None:
    write(apache)
    with apache.serving("") as ask:
        assert_silent(ask, "/rye.html")


@pytest.mark.parametrize(
    "url",
    [
        """https://receiver.example/?"'\\;{}<>|^` #%41$uri${x}%{HTTP_HOST}e\r\n\t""",
        "https://böse.example/käse",
    ],
)
def test_nginx_and_apache_send_an_endpoint_of_odd_characters_alike(
    nginx: WebServer, apache: WebServer, url: str
) -> None:
    for server, lines in ((nginx, include(nginx)), (apache, MOD_HEADERS)):
        write(server, url)
        with server.serving(lines) as ask:
            (link,) = ask("/rye.html").values("Link")
        # No character means anything there but itself.
        for_netlify = (server.site / "_headers").read_text()
        assert f"  Link: {link}" in for_netlify.splitlines()


def test_nginx_starts_before_the_first_build_and_after_the_last(nginx: WebServer) -> None:
    with nginx.serving(include(nginx)) as ask:
        assert_silent(ask, "/rye.html")
    write(nginx)
    write(nginx, None)
    nginx.configure(f"include {nginx.site}/linkbacks.nginx.conf;")
    nginx.check()
