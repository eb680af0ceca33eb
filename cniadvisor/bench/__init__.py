"""The measuring core: it knows endpoints, not pods or namespaces."""
