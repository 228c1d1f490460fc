"""Which crossings belong to no passage record: a pure engine without clock, database or network."""
