"""The README's figures, measured again: ``meetbot bench NAME``."""
