"""Meetbot: a bot that joins a meeting, hears everyone, and writes down who said what."""

__all__ = ["__version__"]

__version__ = "0.1.0"
