"""Painters: the illustrator that needs no model, and diffusion models."""
