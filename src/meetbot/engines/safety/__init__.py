"""Filters that look at a picture before anyone sees it."""
