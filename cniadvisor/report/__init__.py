"""A run as it is kept: folding events into a report, and the report as a file."""
