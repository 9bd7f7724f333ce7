"""``python -m pelican_linkbacks``: the command, without its script."""

import sys

from pelican_linkbacks.cli import main

sys.exit(main())
