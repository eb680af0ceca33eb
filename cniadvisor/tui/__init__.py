"""The app: one of the two faces; a Textual program over the same core."""
