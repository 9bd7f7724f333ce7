"""Plays the conversation in a temporary folder. Nothing leaves this machine."""

import subprocess
import sys
import tempfile
from pathlib import Path

from demo.blog import PASSWORD
from demo.conversation import play
from demo.stage import Stage, a_wordpress, blogs
from demo.telling import StoryError, tell


def main() -> int:
    """Play the demo and say whether it went as told.

    Returns:
        The exit status.
    """
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            a_wordpress() as wordpress,
            blogs(Path(folder), wordpress) as stage,
        ):
            play(stage)
            print("\nAll six acts went as told.")
            if sys.stdin.isatty():
                let_look(stage)
    except (StoryError, RuntimeError, subprocess.TimeoutExpired, OSError) as error:
        print(f"\nThat did not go as told. {error}", file=sys.stderr)
        return 1
    return 0


def let_look(stage: Stage) -> None:
    """Keep all blogs up until somebody has seen enough."""
    print("\nLook at it:")
    tell(*filter(None, (stage.spices, stage.grinding, stage.rye)))
    tell(f"and, with the password “{PASSWORD}”, at where an author decides:")
    tell(stage.loaf.endpoint)
    try:
        input("Press Enter to end. ")
    except (EOFError, KeyboardInterrupt):
        print()


if __name__ == "__main__":
    sys.exit(main())
