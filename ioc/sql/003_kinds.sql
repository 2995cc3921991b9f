-- Values of types that the next step uses: PostgreSQL wants them committed before.

alter type item_kind add value 'mirror';
create type item_urgency as enum ('normal', 'urgent', 'very_urgent', 'express');
