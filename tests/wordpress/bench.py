"""Brings up real WordPress blogs from Debian's packages, and takes them down again.

Everything lives in one temporary folder; every server is a child of this
process and ends with it. Nothing is written outside that folder.
"""

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.wordpress.blog import PHP_FILES, Blog, Database
from tests.wordpress.programs import fetch, give_away, run_as_user, running, wait_for_server

PACKAGES = tuple(Path(__file__).with_name("packages.txt").read_text().split())
CODE = Path("/usr/share/wordpress")

PHP_FPM = """\
[global]
error_log = {folder}/php-fpm.log
[blogs]
listen = {folder}/php-fpm.sock
pm = ondemand
pm.max_children = 8
php_admin_value[auto_prepend_file] = {folder}/php/abspath.php
php_admin_value[sendmail_path] = /bin/true
"""

NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types;
  log_format brief "$request_method $request_uri $status";
  client_body_temp_path {folder}/nginx-body;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  proxy_temp_path {folder}/nginx-proxy;
  scgi_temp_path {folder}/nginx-scgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
{servers}
}}
"""

# Debian's fastcgi_params carry the host without its port, and WordPress would
# redirect every page to itself: hence HTTP_HOST.
NGINX_SERVER = """\
  server {{
    listen {blog.address};
    root {blog.folder};
    index index.php;
    access_log {blog.access_log} brief;
    location /mark/ {{ return 204; }}
    location / {{ try_files $uri $uri/ /index.php?$args; }}
    location ~ \\.php$ {{
      try_files $uri =404;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param BLOG_FOLDER {blog.folder};
      fastcgi_param HTTP_HOST {blog.address};
      fastcgi_pass unix:{folder}/php-fpm.sock;
    }}
  }}
"""


def missing_packages() -> list[str]:
    """The Debian packages without which no blog comes up."""
    if not shutil.which("dpkg-query"):
        return list(PACKAGES)
    show = ("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n")
    known = subprocess.run([*show, *PACKAGES], text=True, capture_output=True, check=False)
    lines = known.stdout.splitlines()
    return [package for package in PACKAGES if f"installed {package}" not in lines]


def free_addresses(count: int) -> list[str]:
    """Addresses nobody listens at; each blog is a host of its own, as on the web."""
    with ExitStack() as probes:
        addresses = []
        for number in range(count):
            probe = probes.enter_context(socket.socket())
            probe.bind((f"127.0.0.{number + 11}", 0))
            host, port = probe.getsockname()
            addresses.append(f"{host}:{port}")
        return addresses


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        fetch(url)
    except OSError:
        return False
    return True


class Blogs:
    """Some blogs, up while the `with` block runs; `throttle` as in Blog.throttle()."""

    def __init__(self, count: int = 1, *, throttle: bool = True) -> None:
        self._count = count
        self._throttle = throttle
        self._blogs: list[Blog] = []
        self._stack = ExitStack()

    def __getitem__(self, number: int) -> Blog:
        """One of the blogs."""
        return self._blogs[number]

    def __iter__(self) -> Iterator[Blog]:
        """All of them."""
        return iter(self._blogs)

    def __enter__(self) -> Self:
        """Bring up everything; what fails on the way takes the rest down again."""
        with ExitStack() as stack:
            made = tempfile.TemporaryDirectory(prefix="blogs-")
            folder = Path(stack.enter_context(made))
            give_away(folder)
            # Where the tests lie, the user of the servers may not be let in.
            shutil.copytree(PHP_FILES, folder / "php")
            database = self._start_database(stack, folder)
            for number, address in enumerate(free_addresses(self._count)):
                name = f"blog{number}"
                blog = Blog(name, address, folder / name, database, folder / "php")
                self._make(blog, database, folder / "php")
                self._blogs.append(blog)
            self._start_web_server(stack, folder)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the servers, the last one first, and remove their folder."""
        self._stack.close()

    def _start_database(self, stack: ExitStack, folder: Path) -> Database:
        data = folder / "database"
        run_as_user(
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        database = Database(folder / "database.sock")
        log = folder / "mariadbd.log"
        server = stack.enter_context(
            running(
                log,
                "mariadbd",
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={database.socket}",
                f"--pid-file={folder}/database.pid",
                "--skip-networking",
                # Nothing in here has to outlive a power cut.
                "--innodb-flush-log-at-trx-commit=0",
                "--skip-innodb-doublewrite",
                "--innodb-buffer-pool-size=32M",
            )
        )
        wait_for_server(server, database.answers, log)
        return database

    def _make(self, blog: Blog, database: Database, php: Path) -> None:
        """Lay out a blog's folder, in which the code is but linked, and its tables."""
        blog.folder.mkdir()
        for part in CODE.iterdir():
            if part.name not in ("wp-config.php", "wp-content"):
                (blog.folder / part.name).symlink_to(part)
        shutil.copy(php / "wp-config.php", blog.folder)
        facts = {
            "url": blog.url,
            "database": blog.name,
            "socket": str(database.socket),
        }
        (blog.folder / "blog.json").write_text(json.dumps(facts))
        plugins = blog.folder / "wp-content" / "mu-plugins"
        plugins.mkdir(parents=True)
        (plugins.parent / "themes").symlink_to(CODE / "wp-content" / "themes")
        shutil.copy(php / "loopback.php", plugins)
        give_away(plugins.parent)
        database.ask(f"create database {blog.name} character set utf8mb4")
        blog.set_up()
        blog.reset()
        blog.throttle(on=self._throttle)

    def _start_web_server(self, stack: ExitStack, folder: Path) -> None:
        fpm, nginx = folder / "php-fpm.conf", folder / "nginx.conf"
        fpm.write_text(PHP_FPM.format(folder=folder))
        servers = (NGINX_SERVER.format(folder=folder, blog=blog) for blog in self._blogs)
        nginx.write_text(NGINX.format(folder=folder, servers="".join(servers)))
        program = max(Path("/usr/sbin").glob("php-fpm*"))
        log = folder / "php-fpm.log"
        server = stack.enter_context(running(log, program, "--nodaemonize", "-y", fpm))
        wait_for_server(server, (folder / "php-fpm.sock").exists, log)
        log = folder / "nginx.log"
        server = stack.enter_context(running(log, "nginx", "-e", "stderr", "-c", nginx))
        for blog in self._blogs:
            wait_for_server(server, partial(answers, blog.posts[0].url), log)
