"""What goes wrong with the test cluster, in words for the person who started it."""


class ClusterError(Exception):
    """The cluster could not be built, started, reached or removed."""
