"""The image the pods run: build it with the container tool that is there, remember it, load it."""
