"""What the CNI's agents take, from metrics.k8s.io; alone imports httpx."""
