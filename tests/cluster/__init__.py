"""A real Kubernetes with a real CNI on one machine, for the tests and for trying things out."""
