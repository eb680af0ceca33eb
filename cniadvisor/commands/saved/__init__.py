"""What is kept of a cluster on this machine for later: small files, never trusted blindly."""
