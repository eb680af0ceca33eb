"""A run as the Live screen knows it: a pure fold of its events."""
