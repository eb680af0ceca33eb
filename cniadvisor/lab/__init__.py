"""The embedded default: two nodes in network namespaces, wired as the CNIs wire theirs."""
