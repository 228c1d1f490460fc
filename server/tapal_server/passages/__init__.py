"""The passage log as it comes: pure reading, no database."""
