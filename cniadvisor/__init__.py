"""cniadvisor: detect, measure and compare the network of a Kubernetes cluster."""

__version__ = "0.1.0"
