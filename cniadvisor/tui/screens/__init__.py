"""The screens: events and answers in, reactives out; no logic."""
