"""How often a failing source is asked: seldom enough to let it recover, often enough to see it come back. Pure; used by the collect job.

After three failed polls in a row every poll is one probe without retries, and the wait before the next doubles, up to eight times the usual
interval and five minutes. The first good answer closes the breaker. A longer wait the source itself asks for is honoured, up to an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from collectors.poll import PollReport, Retries

OPENS = 3  # failed polls in a row
TIMES, LONGEST = 8, 300.0  # the longest wait: so many intervals, so many seconds
OBEYED = 3600.0  # seconds: more than that no source may ask for

USUAL = Retries(tries=3, first=0.5, longest=5.0, obey=30.0)
PROBE = Retries(tries=1)


def is_open(failures: int) -> bool:
    return failures >= OPENS


def retries(failures: int) -> Retries:
    """How the next poll asks, after so many failed ones."""
    return PROBE if is_open(failures) else USUAL


def pause(failures: int, every: float) -> float:
    """Seconds between the last failed poll and the next one."""
    if not is_open(failures):
        return every
    longest = max(every, min(TIMES * every, LONGEST))
    return min(longest, every * 2.0 ** min(failures - OPENS + 1, TIMES))


def next_at(failures: int, every: float, report: PollReport) -> datetime | None:
    """When to ask again after a poll; None: at the usual time."""
    asked = min(report.retry_after or 0.0, OBEYED)
    if report.ok or not (is_open(failures) or asked > every):
        return None
    return report.ended + timedelta(seconds=max(pause(failures, every), asked))
