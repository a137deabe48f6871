"""End-of-turn detectors."""
