"""``tapal edge draw``: lines and zones drawn over a live frame and saved into the configuration."""
