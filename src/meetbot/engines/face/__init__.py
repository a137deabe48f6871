"""Faces: finding them in pictures, and bringing a portrait to life."""
