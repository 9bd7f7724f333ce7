"""Settings for writing at home: relative links, no feeds, nothing is sent."""

AUTHOR = "Hanne Brook"
SITENAME = "The Slow Loaf"
SITESUBTITLE = "Notes from a kitchen with one oven"
# The plugin stays silent as long as the site has no public address.
SITEURL = ""
RELATIVE_URLS = True

PATH = "content"
OUTPUT_PATH = "output"
PAGE_PATHS = ["pages"]
STATIC_PATHS: list[str] = []
THEME = "theme"

TIMEZONE = "Europe/Berlin"
DEFAULT_LANG = "en"
# English month names, whatever the machine speaks.
LOCALE = ["C.UTF-8", "en_US.UTF-8", "C"]
DEFAULT_DATE_FORMAT = "%-d %B %Y"
# German month names would need a locale that many machines lack.
DATE_FORMATS = {"de": "%-d.%-m.%Y"}

# Curly quotes in both kinds of text. Smarty is ours, the rest repeats Pelican's defaults.
MARKDOWN = {
    "extension_configs": {
        "markdown.extensions.codehilite": {"css_class": "highlight"},
        "markdown.extensions.extra": {},
        "markdown.extensions.meta": {},
        "markdown.extensions.smarty": {},
    },
    "output_format": "html5",
}
DOCUTILS_SETTINGS = {"smart_quotes": True}

PLUGINS = ["pelican_linkbacks"]

FEED_ALL_ATOM: str | None = None
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None

# One author and no tags: their lists would only repeat the archive.
AUTHOR_SAVE_AS = ""
AUTHORS_SAVE_AS = ""
TAG_SAVE_AS = ""
TAGS_SAVE_AS = ""

DEFAULT_PAGINATION = 6
