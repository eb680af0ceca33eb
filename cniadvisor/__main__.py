"""The entry point: answers ``--version`` without importing anything, catches what must be said."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from cniadvisor import __version__

        print(f"cniadvisor {__version__}")
        sys.exit(0)
    if not sys.argv[1:]:
        from cniadvisor.commands.app import open_by_default
        from cniadvisor.ending import ended

        sys.exit(ended(open_by_default))
    from cniadvisor.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
