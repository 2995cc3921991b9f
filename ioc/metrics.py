"""Every Prometheus metric of the program, in one list. Labels are names from the configuration: never a person, never an item's code."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

POLLS = Counter("ioc_polls_total", "Reads of a source, by outcome.", ["source", "outcome"])
ITEMS_READ = Counter("ioc_items_read_total", "Records read from a source.", ["source"])
TRANSITIONS = Counter("ioc_transitions_total", "Changes of state stored.", ["source"])
PUSHES = Counter("ioc_pushes_total", "Calls of systems that push, by outcome.", ["source", "outcome"])
QUARANTINED = Counter("ioc_quarantined_total", "Records that could not be read.", ["source"])
SOURCE_AGE = Gauge("ioc_source_age_seconds", "How old a source's data are.", ["source"])
SOURCE_STATE = Gauge("ioc_source_state", "1 for the state a source is in: never, fresh, late, stale, down.", ["source", "state"])
SOURCE_STUCK = Gauge("ioc_source_stuck", "1 while a source answers and nothing changes.", ["source"])
SOURCE_DRIFT = Gauge("ioc_source_drift", "Codes nobody declared and fields gone missing.", ["source"])
SOURCE_FAILURES = Gauge("ioc_source_failures", "Failed polls in a row.", ["source"])
SOURCE_SKEW = Gauge("ioc_source_skew_seconds", "How far a source's clock is ahead of ours.", ["source"])
SOURCE_FLIPS = Counter("ioc_source_flips_total", "Changes of how a source is, by the state after it.", ["source", "state"])
BREAKER_OPEN = Gauge("ioc_breaker_open", "1 while a failing source is asked less often.", ["source"])
QUARANTINE_OPEN = Gauge("ioc_quarantine_open", "Records waiting in quarantine.", ["source"])
POLL_SECONDS = Histogram("ioc_poll_seconds", "One poll of a source, by type.", ["type"], buckets=(0.01, 0.05, 0.2, 1, 5, 30))
POLL_LAG = Histogram("ioc_poll_lag_seconds", "How late a poll began, by type.", ["type"], buckets=(0.05, 0.2, 1, 5, 30, 60))
FEEDERS_MISSED = Gauge("ioc_feeders_missed", "Deliveries missing of today's cut-offs.", ["source"])
APPLY_SECONDS = Histogram("ioc_apply_seconds", "Storing one batch.", buckets=(0.005, 0.02, 0.05, 0.2, 1, 5, 30))

TICK_SECONDS = Histogram("ioc_tick_seconds", "Bringing the totals up to now.", buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1))
RECOUNTS = Counter("ioc_recounts_total", "Full recounts of all indicators.")
DRIFT = Counter("ioc_meter_drift_total", "Units whose running totals differed from a recount. Anything but 0 is a bug.")
IDENTITY = Counter("ioc_identity_violations_total", "Measures in which the classes did not add up. Anything but 0 is a bug.")
JOBS_FAILED = Counter("ioc_jobs_failures_total", "Times the jobs broke off for another reason. Anything but 0 is a bug.")
MEASURE_FAILED = Counter("ioc_measure_failures_total", "Measures that could not be made (no database).")

UNEXPLAINED = Gauge("ioc_unexplained_differences", "Published figures that differ from ours and nobody knows why.")

ALERTS = Gauge("ioc_alerts", "Alerts by state.", ["state"])
RULE_FAILED = Counter("ioc_rule_failures_total", "Rules that could not be evaluated.", ["rule"])

SCREENS = Gauge("ioc_screens", "Connected screens.")
UPDATES = Gauge("ioc_updates", "Updates published to screens since the start.")
DATABASE_UP = Gauge("ioc_database_up", "1 while the database answers.")
BUS_UP = Gauge("ioc_bus_up", "1 while Redis answers.")
