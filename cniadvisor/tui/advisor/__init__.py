"""What the Advisor screen shows: pure."""
