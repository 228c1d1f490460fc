"""What every part of Tapal speaks: messages, topics, geometry, strict YAML."""
