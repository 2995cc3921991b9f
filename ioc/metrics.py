"""Every Prometheus metric of the program, in one list. Labels are names from the configuration: never a person, never an item's code."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

POLLS = Counter("ioc_polls_total", "Reads of a source, by outcome.", ["source", "outcome"])
ITEMS_READ = Counter("ioc_items_read_total", "Records read from a source.", ["source"])
TRANSITIONS = Counter("ioc_transitions_total", "Changes of state stored.", ["source"])
QUARANTINED = Counter("ioc_quarantined_total", "Records that could not be read.", ["source"])
SOURCE_AGE = Gauge("ioc_source_age_seconds", "How old a source's data are.", ["source"])
APPLY_SECONDS = Histogram("ioc_apply_seconds", "Storing one batch.", buckets=(0.005, 0.02, 0.05, 0.2, 1, 5, 30))

TICK_SECONDS = Histogram("ioc_tick_seconds", "Bringing the totals up to now.", buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1))
RECOUNTS = Counter("ioc_recounts_total", "Full recounts of all indicators.")
DRIFT = Counter("ioc_meter_drift_total", "Units whose running totals differed from a recount. Anything but 0 is a bug.")
IDENTITY = Counter("ioc_identity_violations_total", "Measures in which the classes did not add up. Anything but 0 is a bug.")
JOBS_FAILED = Counter("ioc_jobs_failures_total", "Times the jobs broke off for another reason. Anything but 0 is a bug.")
MEASURE_FAILED = Counter("ioc_measure_failures_total", "Measures that could not be made (no database).")

ALERTS = Gauge("ioc_alerts", "Alerts by state.", ["state"])
RULE_FAILED = Counter("ioc_rule_failures_total", "Rules that could not be evaluated.", ["rule"])

SCREENS = Gauge("ioc_screens", "Connected screens.")
UPDATES = Gauge("ioc_updates", "Updates published to screens since the start.")
DATABASE_UP = Gauge("ioc_database_up", "1 while the database answers.")
BUS_UP = Gauge("ioc_bus_up", "1 while Redis answers.")
