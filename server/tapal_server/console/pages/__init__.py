"""One page per module: thin functions that render what views built from what the services know."""
