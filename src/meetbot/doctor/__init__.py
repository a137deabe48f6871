"""What works on this machine, what does not, and what to do about it."""

from meetbot.doctor.examination import examine
from meetbot.doctor.findings import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
