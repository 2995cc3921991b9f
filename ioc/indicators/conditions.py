"""The conditions that the declared counts are put together from, each written once. Pure text; SQL over one item judged at `at`."""

from __future__ import annotations

DOSSIER = "kind = 'dossier'"
NEVER_RECEIVED = "state in ('submitted', 'refused')"
COUNTED = f"{DOSSIER} and not ({NEVER_RECEIVED})"
RECEIVED = f"{COUNTED} and received_at >= {{since}} and received_at < {{until}}"
CLOSED = f"{DOSSIER} and closed_at >= {{since}} and closed_at < {{until}}"
RESOLVED = f"{CLOSED} and state = 'done'"
WORKING = f"{DOSSIER} and state = 'working'"
SUBMITTED = f"{DOSSIER} and state = 'submitted'"
MIRROR = "kind = 'mirror'"
LATE_NOW = "late_from <= at"
IN_TIME_NOW = "(late_from is null or late_from > at)"
SOON_NOW = "soon_at <= at and late_from > at"
OVERDUE = f"{WORKING} and {LATE_NOW}"
IN_TIME_DONE = "(late_from is null or closed_at < late_from)"
APOLOGY = f"{DOSSIER} and apology_at >= {{since}} and apology_at < {{until}}"
