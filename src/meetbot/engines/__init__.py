"""Engines: one file each, behind the Protocols of ``core.ports``, found by entry points."""
