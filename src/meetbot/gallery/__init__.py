"""Keeps what was painted, and what people gave to be painted after."""
