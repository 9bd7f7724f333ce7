"""Linkbacks for Pelican: tell the blogs you link to, and be told.

A build's articles are diffed with the state, the new mentions queued, and each told once, when
its page is online. The way through the modules, one direction, no way back:

    errors, mention                     what is raised and what is passed around
    config, urls, links, client         settings, targets in HTML, the only place that speaks HTTP
    protocols, feeds, state, diff       one file a protocol; the state file; "is this new?"
    live, sender, pace, delivery        what is online, telling, whose turn it is, outcomes
    run, outbox, discovery              a build; what waits, without a build; what a page offers
    endpoints, markup, marking          where an article can be told; how its page says so
    manifest                            all that can be told of, for a receiver
    doctor                              what keeps links from being told
    plan, backfill                      what a build would do; old links that are to be told
    orders, terminal                    what the author orders by hand; tables and progress
    plugin, settings, rehearsal         Pelican's signals and settings; a build that leaves nothing
    advertising, sources                what our pages say; a generator's articles as ours
    notice, receiver/                   what others tell: taken, verified, kept, decided on
    receiving, moderating, rulebook     the commands that run a receiver and decide there
    commands, staged, hearing, cli      the command; on top of all, as is wsgi, without one
"""

__version__ = "0.1.0"


def register() -> None:
    """Connect the plugin to Pelican's signals; Pelican calls this for each name in PLUGINS."""
    # Not at the top: whatever uses a part of this package alone needs no Pelican for it.
    from pelican_linkbacks import advertising, plugin

    plugin.register()
    advertising.register()
