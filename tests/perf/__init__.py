"""Speed, printed as ratios."""
