"""The conversation: two Pelican blogs and a WordPress link to each other, and each shows it."""

import html
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.request import ProxyHandler, build_opener

from demo.blog import Blog, addressed
from demo.stage import GRINDING, SPICES, Stage
from demo.telling import begin, expect, item, quote, tell

T = TypeVar("T")

HERE = Path(__file__).resolve().parent
NEW_POST, POSTSCRIPT = HERE / "new-post.md", HERE / "postscript.md"

BREAKFAST = "posts/sunday-breakfast/index.html"
"""An article of The Spice Mill that is told by trackback."""

TITLE, MILL_TITLE = "Gewürzbrot & patience", "Setting up an old spice mill"


def play(stage: Stage) -> None:
    """Play all acts.

    Raises:
        StoryError: the story went another way than told.
    """
    introduce(stage)
    for act in (silence, building, sending, answering, showing, asking):
        act(stage)


def introduce(stage: Stage) -> None:
    """Say who takes part, and where."""
    for blog in stage.authors:
        tell(f"{blog.name}, made with Pelican, is at {blog.url}")
        item(f"what others tell it is taken at {blog.endpoint}")
    if stage.wordpress:
        tell(f"The neighbour, a WordPress, is at {stage.wordpress.url}")


def silence(stage: Stage) -> None:
    """Both blogs are built for the first time."""
    begin("Act 1. Both Pelican blogs have been there for years; now they have the plugin.")
    build_both(stage)
    tell("Their articles link to each other, but nobody is told: what is old is only recorded.")


def building(stage: Stage) -> None:
    """A new article is built, and not yet uploaded."""
    begin(f"Act 2. The Slow Loaf has a new article, “{TITLE}”, which is built but not uploaded.")
    where = " and to a post of the WordPress" if stage.wordpress else ""
    tell(
        f"It links to two articles of The Spice Mill{where}. One of the two its author has named"
        " by its trackback URL as well, so that one is told by trackback."
    )
    moment = datetime.now(UTC) - timedelta(hours=1)
    text = addressed(NEW_POST, stage.names).replace(
        "Date: today", f"Date: {moment:%Y-%m-%d %H:%MZ}"
    )
    if stage.wordpress:
        text += f"\nWhich flour? Read [all about rye]({stage.rye}) first.\n"
    (stage.loaf.site / "content" / "recipes" / NEW_POST.name).write_text(text, encoding="utf-8")
    said = stage.loaf.build()
    quote(said)
    expect(" 0 sent" in said, "Somebody was told of a page that is not online.")
    tell("Nobody heard of it yet: they could not have read the page.")


def sending(stage: Stage) -> None:
    """The article goes online, and those it links to are told."""
    begin("Act 3. The new page is uploaded, then: pelican-linkbacks send --wait 30")
    stage.loaf.upload()
    quote(stage.loaf.command("send", "--wait", "30"))
    tell("Each receiver has fetched the page, and found the link. It waits for approval:")
    approve(stage.mill, 2)
    approve_in_wordpress(stage)


def answering(stage: Stage) -> None:
    """The others link back."""
    begin(f"Act 4. The Spice Mill answers: a postscript under its “{MILL_TITLE}”.")
    also = ""
    words = addressed(POSTSCRIPT, stage.names)
    if stage.wordpress:
        also = " and to the WordPress, which wants 15 seconds between notices, so the build waits"
        words += f"\nHer flour is [that of the neighbour]({stage.rye}).\n"
    with (stage.mill.site / "content" / "spice-mill.md").open("a", encoding="utf-8") as article:
        article.write(words)
    tell(
        "Its output folder is the live site, so the build itself tells. The postscript links to"
        f" the new article{also}:"
    )
    quote(stage.mill.build())
    if stage.wordpress:
        tell("The WordPress now links to both as well, and tells them in its own way, by pingback.")
        words = (
            f"<p>Hanne bakes her rye <a href='{stage.spices}'>with spices and patience</a>, and"
            f" Tom grinds them <a href='{stage.grinding}'>in an old mill</a>.</p>"
        )
        stage.wordpress.revise(stage.wordpress.posts[0], words)
    approve(stage.loaf, 2 if stage.wordpress else 1)
    if stage.wordpress:
        approve(stage.mill, 1)
    approve_in_wordpress(stage)


def showing(stage: Stage) -> None:
    """Both blogs are built again, and every article shows what others say of it."""
    begin("Act 5. Both Pelican blogs are built again.")
    build_both(stage)
    tell("Nothing is told twice. And now the mentions stand under the articles, as plain HTML:")
    spices, grinding = {stage.spices: TITLE}, {stage.grinding: MILL_TITLE}
    rye = {stage.rye: "Rye"} if stage.wordpress else {}
    show(stage.loaf, SPICES, TITLE, grinding | rye)
    show(stage.mill, GRINDING, MILL_TITLE, spices | rye)
    show(stage.mill, BREAKFAST, "Sunday breakfast", spices)
    if stage.wordpress:
        page = html.unescape(read(stage.rye))
        tell("“Rye”, of the WordPress, shows:")
        for url, title in (spices | grinding).items():
            is_there = f'href="{url}"' in page and title in page
            expect(is_there, f"The WordPress does not show {url}.")
            item(title)


def asking(stage: Stage) -> None:
    """Both ask what became of their mentions."""
    begin("Act 6. Did it arrive? pelican-linkbacks receipts")
    answers = both(stage, lambda blog: blog.command("receipts"))
    for blog, answer, told in zip(stage.authors, answers, both(stage, Blog.told), strict=True):
        tell(f"{blog.name} asks:")
        quote(answer.splitlines()[-1])
        hidden = [mention["target"] for mention in told if mention["receipt"] != "shown"]
        expect(told and not hidden, f"Told by {blog.name}, and not shown: {hidden or 'anything'}.")
    tell("Everything that was told is shown, and every article shows the others.")


def both(stage: Stage, do: Callable[[Blog], T]) -> list[T]:
    """Let both authors do the same at the same time."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(do, stage.authors))


def build_both(stage: Stage) -> None:
    """Build both blogs and put them online, when there is nothing to tell."""
    for blog, said in zip(stage.authors, both(stage, Blog.build), strict=True):
        tell(f"{blog.name} is built:")
        quote(said)
        expect(" 0 new, 0 sent" in said, f"{blog.name} has told something.")
    stage.loaf.upload()


def approve(blog: Blog, number: int) -> None:
    """Let an author read what came in, and approve it."""
    pending = blog.wait_for(number)
    expect(len(pending) == number, f"{blog.name} has {len(pending)} mentions, and not {number}.")
    for mention in pending:
        target = mention["target"].removeprefix(blog.url)
        item(f"{blog.name}: “{mention['title']}” links to {target}, by {mention['protocol']}.")
    numbers = [str(mention["id"]) for mention in pending]
    tell(f"Its author runs: pelican-linkbacks received approve {' '.join(numbers)}")
    quote(blog.command("received", "approve", *numbers))


def approve_in_wordpress(stage: Stage) -> None:
    """Let the editor of the WordPress do the same there."""
    if stage.wordpress:
        for ping in stage.wordpress.comments():
            if ping.approved == "0":
                item(f"The WordPress: “{html.unescape(ping.author)}”, by {ping.type}.")
        expect(stage.wordpress.approve() == 1, "The WordPress should have had one pingback.")
        tell("Its editor approves that, too.")


def show(blog: Blog, page: str, title: str, expected: Mapping[str, str]) -> None:
    """Say what an article shows, and compare it with what it should."""
    found = blog.responses(page)
    tell(f"“{title}”, of {blog.name}, shows:")
    for response in found:
        item(f"{response.title}: {response.excerpt}")
    urls = [response.url for response in found]
    expect(
        sorted(urls) == sorted(expected) and all(expected[r.url] in r.title for r in found),
        f"{page} of {blog.name} shows {urls}, and should show {list(expected)}.",
    )


def read(url: str) -> str:
    """A page of this machine, which a proxy named in the environment could not reach."""
    with build_opener(ProxyHandler({})).open(url, timeout=30) as answer:
        return str(answer.read().decode())
