"""Speech synthesis: one file per engine, and what they share."""
