"""Recordings to who said what, by the same pipeline that hears a meeting."""




