"""One module a command: it wires the rooms together and decides the exit code."""
