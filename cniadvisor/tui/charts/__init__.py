"""What a chart shows, worked out before anything is drawn: pure but for the one adapter."""
