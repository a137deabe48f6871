"""Values, seams, errors, time and channels. Imports numpy at most."""
