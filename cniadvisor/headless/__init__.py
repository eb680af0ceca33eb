"""Plain text for terminals, pipes and screen readers: one line per event, 80 columns."""
