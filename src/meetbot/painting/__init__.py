"""The lane that decides what to paint, when, and in whose style."""
