"""Small experiments in a run of our own that tell what no configuration can be trusted to tell."""
