"""What the app asks about the advisor. Reads files, so it is called in a thread."""

from cniadvisor.advise.prefill import prefill as found_answers
from cniadvisor.catalogue.loading import load_catalogue as known_catalogue

__all__ = ["found_answers", "known_catalogue"]
