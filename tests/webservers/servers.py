"""A real nginx and a real Apache on loopback, with all that is theirs in one temporary folder."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from tests.wordpress.bench import answers, free_addresses
from tests.wordpress.programs import give_away, run_as_user, running, wait_for_server, wait_until

PACKAGES = {"nginx": Path("/usr/sbin/nginx"), "apache2-bin": Path("/usr/sbin/apache2")}
"""The program of each package in packages.txt."""

NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  include /etc/nginx/mime.types;
  log_format brief "$request_method $request_uri";
  access_log {folder}/nginx.access brief;
  client_body_temp_path {folder}/nginx-body;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  proxy_temp_path {folder}/nginx-proxy;
  scgi_temp_path {folder}/nginx-scgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  server {{
    listen {address};
    root {site};
    {lines}
  }}
  {others}
}}
"""

APACHE = """\
ServerRoot {folder}
ServerName {address}
Listen {address}
PidFile {folder}/apache.pid
ErrorLog /dev/stderr
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
TypesConfig /dev/null
AddType text/html .html
AddType image/png .png
AddType application/atom+xml .xml
DocumentRoot {site}
DirectoryIndex index.html
<Directory {site}>
  AllowOverride FileInfo
  Require all granted
</Directory>
{lines}
"""

MOD_HEADERS = "LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so"
MOD_REWRITE = "LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so"


@dataclass(frozen=True)
class Answer:
    """What a server answered; ``headers`` in their order, as often as each was sent."""

    status: int
    headers: list[tuple[str, str]]

    def values(self, name: str) -> list[str]:
        """Each value that a header was sent with."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class WebServer:
    """One of the two servers and the folder it shows.

    Args:
        program: "nginx" or "apache2".
        folder: where it may keep its own files; the site is a folder in it.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self.site = folder / "site"
        self.site.mkdir()
        give_away(folder)
        self._program = program
        self._folder = folder
        self._address = free_addresses(1)[0]
        self.url = f"http://{self._address}"
        self._marks = count()
        self._config = folder / f"{program}.conf"

    def configure(self, lines: str, others: str = "") -> None:
        """Write the server's configuration.

        Args:
            lines: what stands where those of a site do.
            others: more server blocks of an nginx.
        """
        form = NGINX if self._program == "nginx" else APACHE
        named = {"folder": self._folder, "site": self.site, "address": self._address}
        self._config.write_text(form.format(**named, lines=lines, others=others))

    def check(self) -> None:
        """Let the server judge its configuration; a RuntimeError says what it dislikes."""
        run_as_user(*self._command(), "-t")

    @contextmanager
    def serving(self, lines: str, others: str = "") -> Iterator[Callable[..., Answer]]:
        """The server at work, as ``configure`` has it; gives ``ask`` while the block runs."""
        self.configure(lines, others)
        self.check()
        log = self._folder / f"{self._program}.log"
        foreground = [] if self._program == "nginx" else ["-D", "FOREGROUND"]
        (self.site / "ready.txt").touch()
        with running(log, *self._command(), *foreground) as server:
            ready = partial(answers, f"{self.url}/ready.txt")
            wait_for_server(server, ready, log)
            yield self.ask

    @property
    def requests(self) -> list[str]:
        """The requests that a running nginx has answered, as "METHOD PATH".

        It may log a request shortly after it was answered; it logs in order,
        so once a request of our own is there, those before it are too.
        """
        log = self._folder / "nginx.access"
        path = f"/mark/{next(self._marks)}"
        self.ask(path, "HEAD")
        wait_until(lambda: f"HEAD {path}" in log.read_text().splitlines(), "a log line")
        own = ("HEAD /mark/", "GET /ready.txt")
        return [line for line in log.read_text().splitlines() if not line.startswith(own)]

    def ask(self, path: str, method: str = "GET") -> Answer:
        """Request a path of the site."""
        connection = http.client.HTTPConnection(self._address, timeout=30)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            response.read()
            return Answer(response.status, response.getheaders())
        finally:
            connection.close()

    def _command(self) -> list[str | Path]:
        if self._program == "nginx":
            return [PACKAGES["nginx"], "-e", "stderr", "-c", self._config]
        return [PACKAGES["apache2-bin"], "-f", self._config]
