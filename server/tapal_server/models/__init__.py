"""Models: stored, rolled out, and the review from which the next ones learn."""
