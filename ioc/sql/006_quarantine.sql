-- Why a person dropped a record, and no more.
alter table quarantine add column dropped_why text check (dropped_why is null or resolved is not distinct from 'dropped');
