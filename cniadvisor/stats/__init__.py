"""Pure statistics: summaries, intervals, paired ratios and their verdicts."""
