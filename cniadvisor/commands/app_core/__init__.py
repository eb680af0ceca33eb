"""What the app asks of the product, answered with the real rooms."""
