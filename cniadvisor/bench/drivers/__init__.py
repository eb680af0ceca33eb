"""One small module a tool: how to run it, and how to read what it prints."""
