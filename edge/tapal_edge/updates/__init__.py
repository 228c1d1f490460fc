"""New models: fetched, verified, tried beside the old one, switched to, given up again."""
