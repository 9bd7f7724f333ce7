"""Header files: what is written for each kind of server, and what is left alone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pelican_linkbacks.config import HEADER_FILES
from pelican_linkbacks.header_files import BEGIN, END, FILES, MOST_RULES, write

WEBMENTION = "https://receiver.example/webmention"
PINGBACK = "https://receiver.example/pingback"
LINK = f'<{WEBMENTION}>; rel="webmention"'

OWN = b"# The author's own lines.\r\n\r\n  caf\xe9 \xff\n"


def build(folder: Path, *kinds: str, paths: Iterable[str] = ("rye.html",)) -> list[str]:
    """What a build does that has both endpoints to advertise."""
    return write(folder, kinds, WEBMENTION, PINGBACK, paths)


def files(folder: Path) -> dict[str, bytes]:
    """All files in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rules(text: str) -> list[tuple[str, dict[str, str]]]:
    """The rules of a ``_headers`` file, read as strictly as either host documents its grammar."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        assert len(line) <= 2000
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("/"):
            names = re.findall(r":(\w*)", line)
            assert len(set(names)) == len(names)
            assert all(re.fullmatch(r"[A-Za-z]\w*", name) for name in names)
            assert all(part.startswith(":") for part in line.split("/") if ":" in part)
            assert not re.search(r"[\s*?#]", line)
            found.append((line, {}))
        else:
            header = re.fullmatch(r"[ \t]+([\w-]+): (\S.*)", line, re.ASCII)
            assert header
            assert header[1] not in found[-1][1]
            found[-1][1][header[1]] = header[2]
    assert len({rule.rstrip("/") for rule, _ in found}) == len(found) <= 100
    return found


def matching(folder: Path, path: str, *, slash_counts: bool = True) -> list[dict[str, str]]:
    """The headers of each rule that a path gets; a final slash counts only for Cloudflare."""
    text = (folder / "_headers").read_text()
    end = "" if slash_counts else "/?"
    got = []
    for rule, headers in rules(text):
        form = rule if slash_counts else rule.rstrip("/")
        pattern = "[^/]+".join(re.escape(part) for part in re.split(r":\w+", form))
        if re.fullmatch(pattern + end, path):
            got.append(headers)
    return got


def assert_served(folder: Path, path: str) -> None:
    """Both hosts send both headers with a path, from one rule."""
    both = {"X-Pingback": PINGBACK, "Link": LINK}
    assert matching(folder, path) == [both]
    assert matching(folder, path, slash_counts=False) == [both]


def test_every_kind_that_the_setting_takes_has_its_file() -> None:
    assert set(FILES) == set(HEADER_FILES)


def test_nothing_is_written_for_kinds_that_are_not_asked_for(tmp_path: Path) -> None:
    assert build(tmp_path) == []
    assert files(tmp_path) == {}


def test_nothing_is_written_when_there_is_nothing_to_advertise(tmp_path: Path) -> None:
    assert write(tmp_path, HEADER_FILES, None, None, ["rye.html"]) == []
    assert files(tmp_path) == {}


@pytest.mark.parametrize("name", FILES.values())
def test_an_authors_file_is_left_alone_when_there_is_nothing_to_advertise(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(OWN)
    os.utime(tmp_path / name, (1, 1))
    assert write(tmp_path, HEADER_FILES, None, None, []) == []
    assert build(tmp_path, *(kind for kind in FILES if FILES[kind] != name)) == []
    assert (tmp_path / name).read_bytes() == OWN
    assert (tmp_path / name).stat().st_mtime == 1


def test_each_kind_writes_its_own_file_only(tmp_path: Path) -> None:
    for kind in FILES:
        folder = tmp_path / kind
        folder.mkdir()
        assert build(folder, kind) == []
        assert list(files(folder)) == [FILES[kind]]


def test_a_second_build_touches_nothing(tmp_path: Path) -> None:
    build(tmp_path, *FILES)
    before = files(tmp_path)
    for name in before:
        os.utime(tmp_path / name, (1, 1))
    assert build(tmp_path, *FILES) == []
    assert files(tmp_path) == before
    assert {path.stat().st_mtime for path in tmp_path.iterdir()} == {1}


@pytest.mark.parametrize("own", [OWN, OWN.rstrip(), b"\n", b"\xef\xbb\xbf# one line", b"a\r\n"])
@pytest.mark.parametrize("kind", FILES)
def test_an_authors_file_is_extended_and_restored_byte_for_byte(
    tmp_path: Path, kind: str, own: bytes
) -> None:
    file = tmp_path / FILES[kind]
    file.write_bytes(own)
    assert build(tmp_path, kind) == []
    extended = file.read_bytes()
    assert extended.startswith(own + b"\n" + BEGIN.encode())
    assert build(tmp_path, kind) == []
    assert file.read_bytes() == extended
    assert write(tmp_path, [kind], None, None, []) == []
    assert file.read_bytes() == own


@pytest.mark.parametrize("kind", FILES)
def test_a_block_is_renewed_where_it_stands(tmp_path: Path, kind: str) -> None:
    file = tmp_path / FILES[kind]
    build(tmp_path, kind)
    file.write_bytes(b"before\n" + file.read_bytes() + b"after")
    assert write(tmp_path, [kind], "https://new.example/wm", None, ["rye.html"]) == []
    text = file.read_bytes()
    assert text.startswith(b"before\n" + BEGIN.encode())
    assert text.endswith(END.encode() + b"\nafter")
    assert b"https://new.example/wm" in text
    assert b"receiver.example" not in text
    assert write(tmp_path, [kind], None, None, []) == []
    assert file.read_bytes() == b"before\nafter"


@pytest.mark.parametrize("kind", ["netlify", "apache"])
def test_a_file_that_held_nothing_else_goes_with_its_block(tmp_path: Path, kind: str) -> None:
    build(tmp_path, kind)
    assert write(tmp_path, [kind], None, None, []) == []
    assert files(tmp_path) == {}


def test_an_nginx_file_stays_so_that_an_include_of_it_does_not_fail(tmp_path: Path) -> None:
    build(tmp_path, "nginx")
    assert write(tmp_path, ["nginx"], None, None, []) == []
    assert files(tmp_path) == {"linkbacks.nginx.conf": b""}


def test_the_block_goes_when_its_kind_is_not_asked_for_any_more(tmp_path: Path) -> None:
    build(tmp_path, *FILES)
    assert build(tmp_path, "apache") == []
    assert list(filter(files(tmp_path).get, files(tmp_path))) == [".htaccess"]


@pytest.mark.parametrize(
    "damaged",
    [
        f"{BEGIN}\n  X-Own: yes\n",
        f"X-Own: yes\n{END}\n",
        f"{END}\n{BEGIN}\n",
        f"{BEGIN}\n{BEGIN}\n{END}\n",
        f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n",
        f"  {BEGIN}\n{END}\n",
    ],
)
@pytest.mark.parametrize("advertised", [PINGBACK, None])
def test_a_file_with_damaged_markers_is_left_alone_and_named(
    tmp_path: Path, damaged: str, advertised: str | None
) -> None:
    file = tmp_path / "_headers"
    file.write_text(damaged)
    (problem,) = write(tmp_path, FILES, None, advertised, ["rye.html"])
    assert problem.startswith(f"{file} was left alone")
    assert "delete" in problem
    assert file.read_text() == damaged
    assert (tmp_path / ".htaccess").exists() == bool(advertised)


def test_a_file_that_cannot_be_written_is_named_and_the_others_are_written(
    tmp_path: Path,
) -> None:
    (tmp_path / ".htaccess").mkdir()
    (problem,) = build(tmp_path, *FILES)
    assert problem.startswith(f"{tmp_path / '.htaccess'} could not be brought up to date")
    assert (tmp_path / "linkbacks.nginx.conf").stat().st_size


def test_a_failed_write_leaves_the_authors_file_whole(tmp_path: Path) -> None:
    (tmp_path / ".htaccess.new").mkdir()
    (tmp_path / ".htaccess").write_bytes(OWN)
    (problem,) = build(tmp_path, "apache")
    assert ".htaccess could not be brought up to date" in problem
    assert (tmp_path / ".htaccess").read_bytes() == OWN


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_an_output_file_that_is_a_link_into_the_content_leaves_the_content_alone(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    content, output = tmp_path / "content", tmp_path / "output"
    content.write_bytes(OWN)
    output.mkdir()
    link(content, output / ".htaccess")
    assert build(output, "apache") == []
    assert content.read_bytes() == OWN
    assert (output / ".htaccess").read_bytes().startswith(OWN)


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / ".htaccess"
    file.write_bytes(OWN)
    file.chmod(0o640)
    build(tmp_path, "apache")
    assert file.stat().st_mode & 0o777 == 0o640


def test_only_the_endpoint_that_there_is_gets_advertised(tmp_path: Path) -> None:
    write(tmp_path, FILES, None, PINGBACK, ["rye.html"])
    assert matching(tmp_path, "/rye.html") == [{"X-Pingback": PINGBACK}]
    assert "Link" not in (tmp_path / ".htaccess").read_text()
    # A location of the author's may name either variable.
    nginx = (tmp_path / "linkbacks.nginx.conf").read_text()
    assert re.findall(r"\n(set \$\w+ .*)", nginx) == [
        'set $linkbacks_pingback "";',
        'set $linkbacks_webmention "";',
    ]
    assert WEBMENTION not in nginx


def test_a_value_is_one_line_of_ascii_whatever_the_url(tmp_path: Path) -> None:
    url = 'https://xn--bcher-kva.example:8443/käse?a="1"&b=%41$uri\r\nSet-Cookie: x'
    write(tmp_path, ["netlify"], url, None, ["rye.html"])
    ((headers),) = matching(tmp_path, "/rye.html")
    assert headers == {
        "Link": "<https://xn--bcher-kva.example:8443/k%C3%A4se?a=%221%22&b=%41%24uri%0D%0A"
        'Set-Cookie:%20x>; rel="webmention"'
    }


def test_a_host_that_is_no_domain_name_is_percent_encoded(tmp_path: Path) -> None:
    write(tmp_path, ["netlify"], None, "https://ö..example/", ["rye.html"])
    assert matching(tmp_path, "/rye.html") == [{"X-Pingback": "https://%C3%B6..example/"}]


def test_apache_and_nginx_get_what_they_would_expand_escaped(tmp_path: Path) -> None:
    write(tmp_path, FILES, None, "https://receiver.example/%41$uri'", [])
    apache = (tmp_path / ".htaccess").read_text()
    assert '"https://receiver.example/%%41%%24uri%%27"' in apache
    nginx = (tmp_path / "linkbacks.nginx.conf").read_text()
    assert "'https://receiver.example/%41%24uri%27'" in nginx


@pytest.mark.parametrize(
    ("article", "asked"),
    [
        ("rye.html", ["/rye.html", "/rye"]),
        ("2026/11/rye.html", ["/2026/11/rye.html", "/2026/11/rye", "/2026/12/oats"]),
        ("2026/11/rye/", ["/2026/11/rye/"]),
        ("2026/11/rye/index.html", ["/2026/11/rye/"]),
        ("rye/", ["/rye/"]),
        ("rye", ["/rye"]),
        ("", ["/"]),
        ("brot/k%C3%A4se.html", ["/brot/k%C3%A4se.html", "/brot/k%C3%A4se"]),
        ("br%C3%B6tchen/rye.html", ["/br%C3%B6tchen/rye.html", "/brötchen/rye.html"]),
        ("a*b:c/rye.html", ["/a*b:c/rye.html"]),
        ("rye.html?x=:y#z", ["/rye.html"]),
    ],
)
def test_a_path_rule_serves_the_article_wherever_it_stands(
    tmp_path: Path, article: str, asked: list[str]
) -> None:
    build(tmp_path, "netlify", paths=[article])
    for path in asked:
        assert_served(tmp_path, path)


def test_path_rules_spare_what_stands_in_other_folders_or_deeper(tmp_path: Path) -> None:
    paths = ["rye.html", "2026/11/rye.html", "2025/01/oats.html"]
    build(tmp_path, "netlify", paths=paths)
    spared = ["/", "/images/rye.png", "/feeds/all.atom.xml", "/theme/css/main.css", "/2026/11/a/b"]
    for path in spared:
        assert matching(tmp_path, path) == []


def test_thousands_of_articles_need_a_rule_a_folder(tmp_path: Path) -> None:
    paths = [f"{1995 + number % 30}/{number % 12}/{number}.html" for number in range(5000)]
    build(tmp_path, "netlify", paths=paths)
    assert len(rules((tmp_path / "_headers").read_text())) == 30
    for path in paths[:100]:
        assert_served(tmp_path, f"/{path}")


def test_too_many_folders_are_served_by_one_rule_a_depth(tmp_path: Path) -> None:
    paths = [f"topic{number}/rye.html" for number in range(MOST_RULES)] + ["a/b/c.html", "d.html"]
    build(tmp_path, "netlify", paths=paths)
    assert len(rules((tmp_path / "_headers").read_text())) == 3
    for path in paths:
        assert_served(tmp_path, f"/{path}")


def test_one_rule_serves_paths_that_differ_in_their_final_slash(tmp_path: Path) -> None:
    build(tmp_path, "netlify", paths=["rye/", "oats/", "spelt.html"])
    assert matching(tmp_path, "/rye/") == matching(tmp_path, "/spelt.html", slash_counts=False)
    assert matching(tmp_path, "/spelt.html") == []


def test_the_order_of_the_articles_changes_nothing(tmp_path: Path) -> None:
    paths = ["b/2.html", "a/1.html", "c.html"]
    build(tmp_path, "netlify", paths=paths)
    before = files(tmp_path)
    build(tmp_path, "netlify", paths=reversed(paths))
    assert files(tmp_path) == before


def test_articles_of_a_site_elsewhere_make_no_path_rule(tmp_path: Path) -> None:
    assert build(tmp_path, "netlify", paths=["https://de.blog.example/rye.html"]) == []
    assert files(tmp_path) == {}
