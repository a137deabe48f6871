"""Words of English and Russian speech: how they are compared, and whom they call by name."""
