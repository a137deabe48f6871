"""Upscalers: pictures larger and sharper than resizing makes them."""
