"""What the explorer shows, as values: lists, tabs, charts and outlines of reports. Pure."""
