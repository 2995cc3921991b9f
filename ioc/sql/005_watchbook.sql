-- The watch book: what a restart must know of every source, since when each thing about it holds, and when a server was listening at all.

-- The newest of what was heard of a source. `at`: when that was so; `spared`: time since its data in which nobody listened.
create table source_facts (
    source     text        primary key references sources,
    at         timestamptz not null,
    started    timestamptz not null,                                    -- when it was first listened to
    spared     interval    not null default '0',
    first_at   timestamptz,                                             -- its first good read
    read_at    timestamptz,
    as_of      timestamptz,
    said_at    timestamptz,                                             -- when this as_of was first heard
    day_at     timestamptz,                                             -- when it was first heard of this as_of's local day
    moved_at   timestamptz,                                             -- the last read that changed anything
    turned_at  timestamptz,                                             -- since when its reads end as the last one did
    refused_at timestamptz,                                             -- since when a person must act; null: no need
    failures   int         not null default 0,
    error      text        not null default '',
    skew       int         not null default 0
);

-- When one server or another did the jobs. What fell between two stretches is nobody's fault but ours.
create table listening (
    since timestamptz primary key,
    until timestamptz not null check (until >= since)
);
create index listening_until on listening (until);

alter table source_health
    add column since       timestamptz,                                 -- when this state began; `at` is when the row's news did
    add column stuck_since timestamptz,
    add column drift_since timestamptz;

alter table source_fields
    add column missing       int not null default 0,                    -- records read in a row without it
    add column missing_since timestamptz,
    add column gap           int not null default 0;                    -- the longest such row it came back from
