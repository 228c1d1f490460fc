"""Runs the command line as ``python -m tapal``."""

from tapal.cli import main

if __name__ == "__main__":
    main()
