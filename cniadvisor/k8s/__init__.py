"""Kubernetes: the only room that imports kubernetes and aiohttp."""
