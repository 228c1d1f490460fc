"""Figures, measured: each module has a ``main()`` and runs alone as ``python -m benchmarks.NAME``."""
