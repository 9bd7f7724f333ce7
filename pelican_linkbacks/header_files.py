"""Header files: what makes a static host send the headers that name our endpoints.

Three kinds of servers read three files, each at the top of the output folder. Ours in them is one
block between two marker lines; whatever else stands in the file belongs to the author and is never
changed. The block is the same after every build, for the files may have been copied anew, or not.

Apache and nginx send the headers with every HTML page. Netlify and Cloudflare Pages know nothing
but patterns of URL paths, and Cloudflare takes few of them, so there the folders and the depth at
which the articles stand decide. A header on a page that is no article does no harm: a receiver
refuses what is told to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from pelican_linkbacks import files

FILES = {"netlify": "_headers", "apache": ".htaccess", "nginx": "linkbacks.nginx.conf"}
"""The file that each kind of server reads."""

BEGIN = "# pelican_linkbacks begins (written by each build: your own lines go elsewhere)"
END = "# pelican_linkbacks ends"

MOST_RULES = 40
"""Rules in ``_headers``. Cloudflare ignores what comes after the 100th, and the author's own rules
count too."""

_MARKER = re.compile(rb"^.*# pelican_linkbacks (?:begins|ends)\b", re.MULTILINE)

# The line end before the block came with it, and goes with it: so a last line that had none gets
# back to that. Only where something follows the block by now it has to stay.
_BLOCK = re.compile(
    rb"(?:\A|(?P<lead>\n))# pelican_linkbacks begins\b"
    rb"(?:(?!# pelican_linkbacks begins\b).)*?"
    rb"\n# pelican_linkbacks ends\b[^\n]*\n?",
    re.DOTALL,
)

_URL_SAFE = "%/:=&?~#+!,;@()*[]"
"""What stays as it is in a URL. Quotes, "$" and all else that ends or expands a value in one of the
three formats are percent-encoded."""

_PLAIN_FOLDER = re.compile(r"[\w.~-]+", re.ASCII)
"""A folder's name that both hosts read as it is: percent-encoded ones they compare differently."""

_INDEX = re.compile(r"(^|/)index\.x?html?$")

Headers = list[tuple[str, str]]


def write(
    folder: Path,
    kinds: Collection[str],
    webmention: str | None,
    pingback: str | None,
    paths: Iterable[str],
) -> list[str]:
    """Bring the header files up to date.

    A file that needs no change is not touched. Where there is nothing to advertise, or for a kind
    that is not asked for, no file is made, and a block of ours from an earlier build is removed.

    Args:
        folder: the outermost output folder.
        kinds: any of the names in ``FILES``.
        webmention, pingback: absolute http(s) URLs to advertise, in ASCII, or None.
        paths: of the articles that take notices, as ``Mention.article``; those that are whole
            URLs are of another site and don't count.

    Returns:
        One sentence for each file that was left alone because its markers are damaged, or that
        could not be read or written.
    """
    headers = _headers(webmention, pingback)
    problems: list[str | None] = []
    for kind, name in FILES.items():
        lines = _lines(kind, headers, paths) if headers and kind in kinds else []
        try:
            problems.append(_update(folder / name, lines, keep_empty=kind == "nginx"))
        except OSError as error:
            problems.append(
                f"{folder / name} could not be brought up to date: {error.strerror or error}."
            )
    return [problem for problem in problems if problem]


def _headers(webmention: str | None, pingback: str | None) -> Headers:
    headers = []
    if pingback:
        headers.append(("X-Pingback", _encoded(pingback)))
    if webmention:
        headers.append(("Link", f'<{_encoded(webmention)}>; rel="webmention"'))
    return headers


def _encoded(url: str) -> str:
    """A URL with nothing in it that a header or one of the formats can't bear."""
    return quote(url, safe=_URL_SAFE)


def _lines(kind: str, headers: Headers, paths: Iterable[str]) -> list[str]:
    if kind == "netlify":
        return _netlify(headers, paths)
    return _apache(headers) if kind == "apache" else _nginx(headers)


def _netlify(headers: Headers, paths: Iterable[str]) -> list[str]:
    values = [f"  {name}: {value}" for name, value in headers]
    return [line for rule in _path_rules(paths) for line in (rule, *values)]


def _apache(headers: Headers) -> list[str]:
    lines = ["<IfModule mod_headers.c>", r'  <FilesMatch "\.x?html?$">']
    for name, value in headers:
        # "set" would replace the author's own Link headers.
        action = "add" if name == "Link" else "set"
        escaped = value.replace("%", "%%").replace('"', r"\"")
        lines.append(f'    Header {action} {name} "{escaped}"')
    return [*lines, "  </FilesMatch>", "</IfModule>"]


def _nginx(headers: Headers) -> list[str]:
    # A map would have to stand outside the server block, and a location of ours would take the
    # pages from the author's. In a server block "if" with "set" alone is sound, and nginx sends
    # no header whose value is empty. "$uri" is a folder first and its index file later.
    values = dict(headers)
    names = {"X-Pingback": "$linkbacks_pingback", "Link": "$linkbacks_webmention"}
    return [
        *(f'set {variable} "";' for variable in names.values()),
        r'if ($uri ~ "(?:/[^/.]*|\.x?html?)$") {',
        *(f"  set {names[name]} '{value}';" for name, value in values.items()),
        "}",
        *(f"add_header {name} {variable};" for name, variable in names.items()),
    ]


def _path_rules(paths: Iterable[str]) -> list[str]:
    """Patterns for the articles' paths, of which no two match the same path.

    Where two match, a host joins their values with a comma and so spoils the URL. For Netlify a
    final slash makes no difference: of two patterns that differ in nothing else, only the one that
    serves more articles is there.
    """
    balance: dict[tuple[int, str], int] = defaultdict(int)
    for path in paths:
        if "://" not in path:
            plain = _INDEX.sub(r"\1", re.split("[?#]", path)[0])
            parts = plain.strip("/").split("/")
            first = parts[0] if len(parts) > 1 else ""
            depth = len(parts) if parts[0] else 0
            balance[depth, first] += 1 if plain.endswith("/") else -1
    folders = {first for _, first in balance if first}
    if len(balance) > MOST_RULES or any(not _PLAIN_FOLDER.fullmatch(name) for name in folders):
        one_a_depth: dict[tuple[int, str], int] = defaultdict(int)
        for (depth, _), count in balance.items():
            one_a_depth[depth, ":folder1" if depth > 1 else ""] += count
        balance = one_a_depth
    return [_pattern(*shape, count > 0) for shape, count in sorted(balance.items())][:MOST_RULES]


def _pattern(depth: int, first: str, final_slash: bool) -> str:
    if depth == 0:
        return "/"
    between = [f":folder{number}" for number in range(2, depth)]
    folders = [first, *between] if depth > 1 else []
    return "/" + "/".join([*folders, ":article"]) + ("/" if final_slash else "")


def _update(path: Path, lines: Sequence[str], *, keep_empty: bool) -> str | None:
    """Give a file our block, or take it out if there are no lines for it.

    Returns:
        What is wrong with the markers, in a sentence; then the file is left alone.

    Raises:
        OSError: the file can't be read or written.
    """
    try:
        old = path.read_bytes()
    except FileNotFoundError:
        old = b""
    blocks = list(_BLOCK.finditer(old))
    if len(blocks) > 1 or len(_MARKER.findall(old)) != 2 * len(blocks):
        return (
            f"{path} was left alone, for the lines that mark our part of it are damaged: delete "
            f'what is left of it, from "{BEGIN}" to "{END}", here and in the file it is made from.'
        )
    block = "\n".join([BEGIN, *lines, END, ""]).encode("ascii") if lines else b""
    if blocks:
        rest = old[blocks[0].end() :]
        lead = (blocks[0]["lead"] or b"") if lines or rest else b""
        new = old[: blocks[0].start()] + lead + block + rest
    else:
        new = old + (b"\n" if old and lines else b"") + block
    if new == old:
        return None
    # An nginx that is told to include a file that isn't there does not start.
    if new or keep_empty:
        # What it is linked to, if it is a link, stays as it is.
        files.replace(path, new)
    else:
        path.unlink()
    return None
