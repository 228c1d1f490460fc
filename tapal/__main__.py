"""Runs the command line as ``python -m tapal``."""

from tapal.cli import main

main()
