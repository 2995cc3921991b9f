-- Alerts: one open row per rule and subject, and a log of everything that happened to it.

create type alert_state as enum ('pending', 'firing', 'resolved');

create table alerts (
    id          bigint generated always as identity primary key,
    rule        text not null,
    subject     text not null,                      -- the unit's code
    severity    text not null,
    state       alert_state not null,
    count       int not null,                       -- items behind it
    oldest_from timestamptz,                        -- since when the oldest of them has been late (or is due)
    sources     text[] not null,
    frozen      boolean not null default false,     -- a source of it is silent: it is kept as it was
    good        int not null default 0,             -- evaluations in a row in which it did not hold
    started_at  timestamptz not null,               -- the moment it became true
    fired_at    timestamptz,
    resolved_at timestamptz,
    checked_at  timestamptz not null
);
create unique index alerts_open on alerts (rule, subject) where state <> 'resolved';
create index alerts_recent on alerts (resolved_at) where state = 'resolved';

create table alert_log (
    alert bigint not null references alerts,
    at    timestamptz not null,
    what  text not null,                            -- opened, fired, count, frozen, thawed, resolved
    count int not null,
    note  text not null default ''
);
create index alert_log_alert on alert_log (alert, at);
