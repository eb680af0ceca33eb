"""The words of the product: frozen dataclasses and enums, no I/O, nothing third-party."""
