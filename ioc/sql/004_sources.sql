-- All the systems of a province: more facts of an item, quarantine one can work with, backfills, the health of sources over time,
-- what units must deliver, and pushes that must not be played twice.

alter table items
    add column first_due_at timestamptz,                                -- the deadline stated first, where it was moved since
    add column step_due_at  timestamptz,                                -- the deadline of the present step
    add column urgency      item_urgency not null default 'normal',
    add column assigner     text         not null default '',           -- the office a task came from
    add column progress     smallint,                                   -- per cent of a task
    add column traits       text[]       not null default '{}';         -- sorted; see ioc/model.py Trait
create index items_code on items (code) where kind in ('dossier', 'mirror');  -- one dossier in two systems

alter table transitions
    add column was_first_due_at timestamptz, add column was_step_due_at timestamptz, add column was_urgency item_urgency,
    add column was_assigner text, add column was_progress smallint, add column was_traits text[];

create or replace function items_known_at(instant timestamptz) returns setof items language sql stable as $$
    select * from items where learned_at <= instant
    union all
    select source, code, was_kind, was_unit, was_field, was_procedure, was_step, was_channel, was_state, was_outgoing, was_signed,
           was_received_at, was_appointed_at, was_due_at, was_soon_at, was_early_before, was_late_from, was_closed_at, was_pauses,
           was_suspect, was_happened_at, was_learned_at, was_first_due_at, was_step_due_at, coalesce(was_urgency, 'normal'),
           coalesce(was_assigner, ''), was_progress, coalesce(was_traits, '{}')
    from transitions where learned_at > instant and was_learned_at <= instant
$$;

create or replace function items_true_at(instant timestamptz) returns setof items language sql stable as $$
    select source, code, kind, unit, field, procedure, step, channel,
           case when state in ('submitted', 'refused') then state
                when closed_at <= instant              then state
                when pauses @> instant                 then 'waiting'
                else                                        'working' end::item_state,
           outgoing, signed, received_at, appointed_at,
           case when closed_at <= instant or not coalesce(pauses @> instant, false) then appointed_at end,
           soon_at, early_before, late_from,
           case when closed_at <= instant then closed_at end,
           pauses, suspect, happened_at, learned_at, first_due_at, step_due_at, urgency, assigner, progress, traits
    from items where received_at <= instant
$$;

-- Quarantine: what may be kept of the record, and how it ended.
alter table quarantine
    add column fault    text  not null default 'value',                 -- see ioc/model.py Fault
    add column record   jsonb,                                          -- the fields the mapping names, masked; null: nothing could be kept
    add column resolved text check (resolved in ('came well', 'replaced', 'retried', 'dropped'));
update quarantine set resolved = 'came well' where resolved_at is not null;
alter table quarantine add check ((resolved is null) = (resolved_at is null));

-- A figure may say itself when it was reported.
alter table figures add column reported_at timestamptz;
create index figures_name on figures (name, period, unit);

-- Reading an old stretch again, beside the live read: its own place, so that neither disturbs the other.
create table backfills (
    id         bigint generated always as identity primary key,
    source     text        not null references sources,
    since      timestamptz not null,
    until      timestamptz not null check (until > since),
    position   text,                                                    -- where it stands; null: not begun
    read       bigint      not null default 0,
    changed    bigint      not null default 0,
    started_at timestamptz not null,
    moved_at   timestamptz not null,
    done_at    timestamptz
);
create unique index backfills_open on backfills (source, since, until) where done_at is null;

-- How a source was, from when on: one row a flip, the newest is how it is.
create table source_health (
    source    text        not null references sources,
    at        timestamptz not null,
    state     text        not null check (state in ('never', 'fresh', 'late', 'stale', 'down')),
    stuck     boolean     not null default false,
    drift     boolean     not null default false,
    why       text        not null default '',
    primary key (source, at)
);

-- The fields a source's records came with. `accepted_at` null: nobody has looked at this one yet.
create table source_fields (
    source      text        not null references sources,
    field       text        not null,
    first_at    timestamptz not null,
    last_at     timestamptz not null,
    accepted_at timestamptz,
    primary key (source, field)
);

-- What each unit had to deliver by when, and whether it did: one row a unit, source and cut-off, judged once the cut-off has passed.
create table deliveries (
    source    text        not null references sources,
    unit      int         not null references units,
    due_at    timestamptz not null,                                     -- the cut-off
    came_at   timestamptz,                                              -- when the delivery came; null: not until now
    excused   text        not null default '',                          -- why a miss does not count: we could not have heard it
    reminders int         not null default 0,                           -- reminders sent; the notifications are the proof
    primary key (source, unit, due_at)
);
create index deliveries_due on deliveries (due_at);

-- Signatures of pushes taken, so that none is played twice.
create table pushes (
    source    text        not null references sources,
    signature bytea       not null,
    at        timestamptz not null,
    primary key (source, signature)
);
create index pushes_at on pushes (at);
