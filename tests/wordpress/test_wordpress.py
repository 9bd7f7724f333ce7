"""What a real WordPress makes of our notices, and we of its answers."""

import xmlrpc.client
from datetime import datetime, timedelta
from html import escape

import pytest

from tests.wordpress.bench import Blogs
from tests.wordpress.blog import Blog, Post
from tests.wordpress.programs import wait_until
from tests.wordpress.website import NAME, Site

TITLE = 'Über Brot & Käse "im" Ofen'
SUMMARY = "Süß & salzig \N{EN DASH} so groß wird ein Laib."

THROTTLE = timedelta(seconds=15)
"""WordPress refuses a ping that comes sooner than that after another one."""

ONE_PING = timedelta(seconds=2)
"""It sleeps for one second of it before it looks at the source."""

MARGIN = timedelta(seconds=8)

AT_ONCE = 2
"""The default of LINKBACKS_PER_HOST."""


def link(post: Post, text: str = "a loaf from next door") -> str:
    """A paragraph that links to a post."""
    return f"This week I tried [{text}]({post.url}), twice, with seeds.\n\n"


def pinged(blog: Blog) -> list[tuple[str, str]]:
    """Source and post of all pingbacks that a blog holds for its author to approve."""
    held = [c for c in blog.comments() if c.type == "pingback" and c.approved == "0"]
    return sorted((comment.url, comment.post) for comment in held)


def notices(*blogs: Blog) -> list[str]:
    """The requests that were to tell the blogs something."""
    return [line for blog in blogs for line in blog.requests() if "POST" in line]


def test_the_blogs_throttle_pings_as_a_new_wordpress_does(wordpress: Blogs, site: Site) -> None:
    blog = wordpress[0]
    source = site.write("rye", "".join(map(link, blog.posts)), linkbacks="no")
    site.build()

    with xmlrpc.client.ServerProxy(f"{blog.url}/xmlrpc.php") as server:
        server.pingback.ping(source, blog.posts[0].url)
        with pytest.raises(xmlrpc.client.Fault) as refused:
            server.pingback.ping(source, blog.posts[1].url)

    assert refused.value.faultCode == 429
    assert pinged(blog) == [(source, blog.posts[0].url)]


def test_five_pingbacks_from_one_build_all_arrive_in_the_least_time_the_throttle_allows(
    wordpress: Blogs, site: Site
) -> None:
    blog = wordpress[0]
    before = len(notices(blog))
    source = site.write("rye", "".join(map(link, blog.posts)))

    site.build()
    built, told_by_build = len(notices(blog)), len(blog.comments())
    # What the build could not tell within its time budget is left to this.
    status = site.command("send")
    comments = blog.comments()

    assert status == 0
    assert len(blog.posts) == 5
    assert pinged(blog) == sorted((source, post.url) for post in blog.posts)
    assert len(comments) == len(blog.posts)
    assert all("a loaf from next door" in comment.content for comment in comments)
    assert site.outcomes() == {post.url: "sent" for post in blog.posts}
    assert told_by_build > 1, "a build waits too, as far as its time goes"
    assert built - before <= told_by_build + AT_ONCE, "who is refused once knows of the throttle"
    assert len(notices(blog)) - built == len(comments) - told_by_build, "also in the next run"
    came = [datetime.fromisoformat(comment.date) for comment in comments]
    assert max(came) - min(came) <= 4 * (THROTTLE + ONE_PING) + MARGIN


def test_a_trackback_arrives_with_title_and_excerpt_intact(wordpress: Blogs, site: Site) -> None:
    post = wordpress[1].posts[0]
    source = site.write("cheese", "Words.", title=TITLE, summary=SUMMARY, trackbacks=post.trackback)

    site.build()

    [comment] = wordpress[1].comments()
    assert comment.type == "trackback"
    assert comment.approved == "0"
    assert comment.url == source
    assert comment.post == post.url
    assert comment.author == escape(NAME)
    title, excerpt = escape(TITLE, quote=False), escape(SUMMARY, quote=False)
    assert comment.content == f"<strong>{title}</strong>\n\n{excerpt}"
    assert site.outcomes() == {post.trackback: "sent"}


def test_what_is_uploaded_after_the_build_is_told_after_the_upload(
    wordpress: Blogs, uploaded_site: Site
) -> None:
    first, second = wordpress[0].posts[0], wordpress[1].posts[0]
    source = uploaded_site.write("rye", link(first), trackbacks=second.trackback)
    before = notices(*wordpress)

    uploaded_site.build()
    waiting = uploaded_site.outcomes()
    too_early = uploaded_site.command("send")
    told_too_early = notices(*wordpress) != before
    uploaded_site.upload()
    status = uploaded_site.command("send", "--wait", "60")

    assert waiting == {first.url: "waiting", second.trackback: "waiting"}
    assert too_early == 1
    assert not told_too_early
    assert status == 0
    assert pinged(wordpress[0]) == [(source, first.url)]
    assert [(c.url, c.post) for c in wordpress[1].comments()] == [(source, second.url)]


def test_sending_may_begin_before_the_upload_and_waits_for_it(
    wordpress: Blogs, uploaded_site: Site
) -> None:
    post = wordpress[0].posts[0]
    source = uploaded_site.write("rye", link(post))
    uploaded_site.build()
    uploaded_site.visits.clear()

    with uploaded_site.command_started("send", "--wait", "60") as sending:
        wait_until(
            lambda: "GET /rye.html" in uploaded_site.visits or sending.poll() is not None,
            "a look at our page",
        )
        told_too_early = pinged(wordpress[0])
        uploaded_site.upload()
        print(sending.communicate(timeout=90)[0])

    assert not told_too_early
    assert sending.returncode == 0
    assert pinged(wordpress[0]) == [(source, post.url)]


def test_a_link_added_to_a_page_that_is_online_waits_for_the_new_page(
    wordpress: Blogs, uploaded_site: Site
) -> None:
    first, second = wordpress[0].posts[0], wordpress[1].posts[0]
    source = uploaded_site.write("rye", link(first))
    uploaded_site.build()
    uploaded_site.upload()
    assert uploaded_site.command("send", "--wait", "60") == 0
    before = notices(*wordpress)

    uploaded_site.write("rye", link(first) + link(second))
    uploaded_site.build()
    waiting = uploaded_site.outcomes()
    told_too_early = notices(*wordpress) != before
    uploaded_site.upload()
    status = uploaded_site.command("send", "--wait", "60")

    assert waiting == {first.url: "sent", second.url: "waiting"}
    assert not told_too_early
    assert status == 0
    assert pinged(wordpress[0]) == [(source, first.url)]
    assert pinged(wordpress[1]) == [(source, second.url)]
    assert len(notices(*wordpress)) == len(before) + 1


def test_a_second_build_asks_nobody_anything_and_leaves_the_state_alone(
    wordpress: Blogs, site: Site
) -> None:
    pingback, trackback = wordpress[0].posts[0], wordpress[1].posts[0].trackback
    site.write("rye", link(pingback), trackbacks=trackback)
    site.build()
    assert site.outcomes() == {pingback.url: "sent", trackback: "sent"}
    asked = [blog.requests() for blog in wordpress]
    written = site.state.stat().st_mtime_ns
    site.visits.clear()

    site.build()

    assert [blog.requests() for blog in wordpress] == asked
    assert site.visits == []
    assert site.state.stat().st_mtime_ns == written


def test_a_site_that_has_lost_its_state_does_not_tell_everything_again(
    wordpress: Blogs, site: Site
) -> None:
    post = wordpress[0].posts[0]
    site.write("rye", link(post))
    site.build()
    before = notices(wordpress[0])

    site.lose_state()
    site.build()

    assert before
    assert notices(wordpress[0]) == before
    assert site.outcomes() == {post.url: "old"}


def test_what_wordpress_knows_already_counts_as_sent(wordpress: Blogs, uploaded_site: Site) -> None:
    pingback, trackback = wordpress[0].posts[0], wordpress[1].posts[0].trackback
    uploaded_site.write("rye", link(pingback), trackbacks=trackback)
    uploaded_site.build()
    untold = uploaded_site.state.read_bytes()
    uploaded_site.upload()
    assert uploaded_site.command("send", "--wait", "60") == 0
    before = len(notices(*wordpress))

    uploaded_site.state.write_bytes(untold)
    status = uploaded_site.command("send", "--wait", "60")

    assert status == 0
    assert len(notices(*wordpress)) == before + 2
    assert uploaded_site.outcomes() == {pingback.url: "sent", trackback: "sent"}
    assert [len(blog.comments()) for blog in wordpress] == [1, 1]


def test_what_wordpress_does_not_take_is_never_called_sent(wordpress: Blogs, site: Site) -> None:
    post, closed = wordpress[0].posts[0], wordpress[0].closed
    closed_trackback = wordpress[1].closed.trackback
    # WordPress finds no link text here, and refuses such a source.
    picture = link(post, text="![A loaf](loaf.png)")
    site.write("rye", picture + link(closed), trackbacks=closed_trackback)

    site.build()

    assert wordpress[0].comments() == wordpress[1].comments() == []
    assert site.outcomes() == {
        post.url: "failed",
        closed.url: "none",
        closed_trackback: "refused",
    }
    assert site.records()[post.url]["answer"]
    assert "closed" in site.records()[closed_trackback]["answer"]
