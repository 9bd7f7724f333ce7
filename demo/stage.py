"""The stage: two Pelican blogs, and a WordPress where there is one, all online."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.blog import Blog, free_addresses
from demo.telling import tell
from tests.wordpress.bench import Blogs, missing_packages
from tests.wordpress.blog import Blog as WordPress

HERE = Path(__file__).resolve().parent
LOAF, MILL = HERE.parent / "sample_site", HERE / "spice-mill"

SPICES, GRINDING = "gewuerzbrot.html", "posts/spice-mill/index.html"
"""The two pages that link to each other: one of The Slow Loaf, one of The Spice Mill."""


@dataclass(frozen=True)
class Stage:
    """Who takes part.

    Attributes:
        loaf: uploads what it has built, and sends by a command.
        mill: its output folder is its live site, so that a build sends.
        wordpress: what has no need of this plugin; None where it can't be.
    """

    loaf: Blog
    mill: Blog
    wordpress: WordPress | None

    @property
    def authors(self) -> tuple[Blog, Blog]:
        """Those who have this plugin."""
        return self.loaf, self.mill

    @property
    def names(self) -> dict[str, str]:
        """What stands for the addresses of this hour in articles."""
        return {
            "https://blog.example": self.loaf.url,
            "https://neighbour.example": self.mill.url,
            "https://receiver.example": self.mill.endpoint,
        }

    @property
    def spices(self) -> str:
        """The new article of The Slow Loaf."""
        return f"{self.loaf.url}/{SPICES}"

    @property
    def grinding(self) -> str:
        """The article of The Spice Mill that answers it."""
        return f"{self.mill.url}/{GRINDING.removesuffix('index.html')}"

    @property
    def rye(self) -> str:
        """The post of the WordPress that all this is about; "" without one."""
        return self.wordpress.posts[0].url if self.wordpress else ""


@contextmanager
def blogs(folder: Path, wordpress: WordPress | None) -> Iterator[Stage]:
    """The blogs, in folders of their own, online for the length of a block.

    Args:
        folder: an empty one.
        wordpress: one that nobody has told anything yet; None for a conversation of two.
    """
    urls = free_addresses(4)
    loaf = Blog("The Slow Loaf", folder / "loaf", folder / "loaf-live", urls[0], urls[1])
    site = folder / "mill"
    mill = Blog("The Spice Mill", site, site / "output", urls[2], urls[3])
    stage = Stage(loaf, mill, wordpress)
    loaf.settle(LOAF, stage.names)
    mill.settle(MILL, stage.names)
    with ExitStack() as stack:
        for blog in stage.authors:
            stack.enter_context(blog.online())
        yield stage


@contextmanager
def a_wordpress() -> Iterator[WordPress | None]:
    """A WordPress for the length of a block, if its packages are on this machine."""
    if missing_packages():
        tell("No WordPress here, so two blogs talk alone (tests/wordpress/install gets it).")
        yield None
        return
    tell("Bringing up a WordPress; that takes some seconds.")
    with Blogs() as up:
        yield up[0]
