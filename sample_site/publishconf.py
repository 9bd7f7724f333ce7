"""Settings for the public site: the address that readers and other blogs see."""

import os
import sys

sys.path.append(os.curdir)
from pelicanconf import *  # noqa: F403 - one set of settings on top of the other

SITEURL = "https://blog.example"
RELATIVE_URLS = False

FEED_ALL_ATOM = "feeds/all.atom.xml"

# Other tools may keep files in the output folder; Pelican is not to clear it.
DELETE_OUTPUT_DIRECTORY = False
