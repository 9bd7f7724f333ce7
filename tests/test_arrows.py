"""The house: who imports whom, and how large a room may be."""

import ast
from functools import cache
from pathlib import Path

import pytest

import pelican_linkbacks

PACKAGE = Path(pelican_linkbacks.__file__).parent
NAME = PACKAGE.name
MODULES = sorted(
    str(path.relative_to(PACKAGE).with_suffix("")).replace("/", ".")
    for path in PACKAGE.rglob("*.py")
)

LAYERS = [
    {"errors", "mention", "notice"},
    {
        "checks",
        "codings",
        "files",
        "config",
        "places",
        "addresses",
        "deadline",
        "connection",
        "urls",
        "links",
        "prose",
        "page",
        "client",
        "background",
    },
    {"reading", "metadata", "feeds", "records", "storage", "state", "digests", "fingerprint"}
    | {"diff", "moves", "news", "removals", "retries", "predecessor"}
    | {f"protocols.{name}" for name in ("__init__", "pingback", "rdf", "trackback", "webmention")}
    | {f"protocols.{name}" for name in ("answers", "charsets", "claims", "forms", "inquiry")},
    {"sender", "pace", "online", "twins", "ledger", "delivery"}
    | {"live", "report", "run", "outbox", "orders", "terminal", "discovery", "plan", "backfill"}
    | {"endpoints", "markup", "marking", "manifest", "header_files", "receipts"},
    {"display"}
    | {f"received.{name}" for name in ("__init__", "own_receiver", "webmention_io", "feed")}
    | {f"received.{name}" for name in ("breaks", "safe", "shown", "words", "placing")}
    | {
        f"received.{name}"
        for name in ("batch", "origins", "remote", "copies", "gathering", "sections")
    },
    {f"doctor.{name}" for name in ("__init__", "case", "finding", "live_site", "mentions")}
    | {f"doctor.{name}" for name in ("repository", "settings", "source_page", "state_file")}
    | {f"doctor.{name}" for name in ("complaint", "looking", "advertised", "advertised_page")}
    | {"doctor.endpoint_answers"},
    {f"receiver.{name}" for name in ("__init__", "entry")}
    | {
        f"receiver.{name}"
        for name in ("announcing", "desk", "faults", "house", "mailing", "serving")
    }
    | {f"receiver.{name}" for name in ("errands", "verifiers", "waiting")}
    | {f"receiver.{name}" for name in ("course", "database", "engines", "inbox", "moderation")}
    | {f"receiver.{name}" for name in ("retention", "rows", "rules", "tables", "vault")}
    | {f"receiver.migrations.{name}" for name in ("__init__", "env", "versions.__init__")}
    | {"receiver.migrations.versions.first"}
    | {f"receiver.{name}" for name in ("decoding", "evidence", "excerpt", "microformats")}
    | {f"receiver.{name}" for name in ("portrait", "spelling", "verification")}
    | {f"receiver.{name}" for name in ("admission", "app", "export", "notices", "parts")}
    | {f"receiver.{name}" for name in ("proxies", "rates", "targets")}
    | {f"receiver.{name}" for name in ("decisions", "login", "pages", "rule_pages", "wording")},
    {
        "sources",
        "plugin",
        "advertising",
        "showing",
        "settings",
        "rehearsal",
        "commands",
        "staged",
        "usage",
        "receiving",
        "moderating",
        "rulebook",
        "hearing",
        "wsgi",
        "cli",
        "__main__",
    },
]
"""From the ground up: a module imports from its own layer and from those below."""

FOREIGN = {"plugin", "advertising", "sender", "state", "delivery", "run"}
"""What the receiver knows nothing of: it runs where no site is built."""

ONLY = {
    "pelican": {"sources", "plugin", "advertising", "showing", "settings", "rehearsal"},
    "rich": {"terminal"},
    "requests": {"client", "connection"},
    "urllib3": {"client", "connection"},
    "socket": {"addresses", "connection", "deadline"},
    "feedparser": {"feeds"},
    "filelock": {"storage"},
    "jinja2": {"showing"},
    "markupsafe": {"received.safe", "received.shown", "showing"},
    "bs4": {"reading", "prose"},
    "lxml": {"links", "reading", "prose", "receiver.evidence", "receiver.excerpt"}
    | {"receiver.microformats", "receiver.portrait"},
    "mf2py": {"receiver.microformats"},
    "sqlalchemy": {f"receiver.{name}" for name in ("database", "engines", "inbox", "moderation")}
    | {f"receiver.{name}" for name in ("retention", "rows", "rules", "tables", "vault")}
    | {"receiver.migrations.__init__", "receiver.migrations.versions.first"},
    "alembic": {f"receiver.migrations.{name}" for name in ("__init__", "env", "versions.first")},
    "sqlite3": {"receiver.database", "receiver.engines"},
    "defusedxml": {"reading", "protocols.rdf"},
}
"""The only modules that may import a package."""


@cache
def imports(module: str) -> set[str]:
    """The full names of all modules that a module imports, wherever in it."""
    path = PACKAGE / (module.replace(".", "/") + ".py")
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_imports(module: str) -> set[str]:
    """The modules of the package that a module imports, without the package's root."""
    found = set()
    for name in imports(module):
        parts = name.split(".")
        if parts[0] != NAME:
            continue
        for length in (len(parts), len(parts) - 1):
            inner = ".".join(parts[1:length])
            known = inner if inner in MODULES else f"{inner}.__init__"
            if inner and known in MODULES:
                found.add(known)
                break
    return found


def test_every_module_stands_in_one_layer() -> None:
    placed = [module for layer in LAYERS for module in layer]
    assert sorted([*placed, "__init__"]) == MODULES


@pytest.mark.parametrize("module", [module for module in MODULES if module != "__init__"])
def test_imports_point_down(module: str) -> None:
    height = next(index for index, layer in enumerate(LAYERS) if module in layer)
    below = set().union(*LAYERS[: height + 1])
    assert own_imports(module) <= below


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("receiver.")])
def test_the_receiver_builds_and_sends_nothing(module: str) -> None:
    assert not own_imports(module) & FOREIGN


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("receiver.")])
def test_only_commands_and_the_wsgi_entry_import_the_receiver(module: str) -> None:
    users = {"receiving", "moderating", "rulebook", "hearing", "wsgi"}
    assert module in users or not any(name.startswith("receiver.") for name in own_imports(module))


def test_no_module_imports_itself_by_a_detour() -> None:
    above: dict[str, set[str]] = {module: own_imports(module) for module in MODULES}
    while loose := [module for module, imported in above.items() if not imported & above.keys()]:
        for module in loose:
            del above[module]
    assert not above, f"these import each other: {sorted(above)}"


@pytest.mark.parametrize("package", ONLY)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    users = {m for m in MODULES if any(name.split(".")[0] == package for name in imports(m))}
    assert users == ONLY[package]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_has_more_than_250_lines(module: str) -> None:
    path = PACKAGE / (module.replace(".", "/") + ".py")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
