"""The advisor's files: profiles, axes, questions, campaigns, answers. TOML in, dataclasses out."""
