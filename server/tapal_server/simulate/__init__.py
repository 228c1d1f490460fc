"""Gates with known truth: walkers, groups and ferries, cameras that miss, logs that lag."""
