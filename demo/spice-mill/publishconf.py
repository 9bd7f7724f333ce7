"""Settings of another blog, whose output folder is its live site, in a theme of Pelican's own."""

AUTHOR = "Tom Miller"
SITENAME = "The Spice Mill"

PATH = "content"
OUTPUT_PATH = "output"
ARTICLE_URL = "posts/{slug}/"
ARTICLE_SAVE_AS = "posts/{slug}/index.html"

TIMEZONE = "Europe/London"
DEFAULT_LANG = "en"

PLUGINS = ["pelican_linkbacks"]

FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
