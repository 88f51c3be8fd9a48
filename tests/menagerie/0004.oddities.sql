-- Oddities: each relation has one thing that a generator gets wrong if it takes the easy way.
-- depends: 0003.kitchen

-- Tours: a foreign key and a unique key that are only checked at COMMIT.
CREATE TABLE zoo.tour (
    id uuid NOT NULL DEFAULT uuidv7(),
    guide_id bigint NOT NULL,
    place smallint NOT NULL,
    title text NOT NULL,
    CONSTRAINT tour_pkey PRIMARY KEY (id),
    CONSTRAINT tour_place_key UNIQUE (place) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT tour_guide_id_fkey
    FOREIGN KEY (guide_id) REFERENCES zoo.keeper (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX tour_guide_id_id_idx ON zoo.tour (guide_id, id);

COMMENT ON TABLE zoo.tour IS 'A guided tour.';
COMMENT ON COLUMN zoo.tour.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.tour.guide_id IS 'The keeper who leads it.';
COMMENT ON COLUMN zoo.tour.place IS 'Its place in the day''s order.';
COMMENT ON COLUMN zoo.tour.title IS 'What the poster says.';
COMMENT ON CONSTRAINT tour_pkey ON zoo.tour IS 'A tour has an id of its own.';
COMMENT ON CONSTRAINT tour_place_key ON zoo.tour IS 'Another tour has this place in the day.';
COMMENT ON CONSTRAINT tour_guide_id_fkey ON zoo.tour IS 'A keeper leads a tour.';

CREATE VIEW api.tours WITH (security_invoker = true) AS
SELECT
    t.id,
    t.guide_id,
    t.place,
    t.title
FROM zoo.tour AS t;
COMMENT ON VIEW api.tours IS 'Guided tours, checked at COMMIT.';
GRANT SELECT, INSERT (guide_id, place, title), UPDATE (guide_id, place, title), DELETE
ON zoo.tour TO superbill_api;
GRANT SELECT, INSERT (guide_id, place, title), UPDATE (guide_id, place, title), DELETE
ON api.tours TO superbill_api;

-- Sightings: visitors drop a card into a box that only the owner opens.
CREATE TABLE zoo.sighting (
    id uuid NOT NULL DEFAULT uuidv7(),
    house text NOT NULL,
    enclosure_number smallint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    what text NOT NULL,
    CONSTRAINT sighting_pkey PRIMARY KEY (id),
    CONSTRAINT sighting_house_enclosure_number_fkey
    FOREIGN KEY (house, enclosure_number) REFERENCES zoo.enclosure (house, number),
    CONSTRAINT sighting_what_is_not_blank CHECK (what ~ '\S')
);
CREATE INDEX sighting_house_enclosure_number_id_idx
ON zoo.sighting (house, enclosure_number, id);

COMMENT ON TABLE zoo.sighting IS 'What a visitor saw.';
COMMENT ON COLUMN zoo.sighting.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.sighting.house IS 'In which house.';
COMMENT ON COLUMN zoo.sighting.enclosure_number IS 'In which enclosure of it.';
COMMENT ON COLUMN zoo.sighting.seen_at IS 'When.';
COMMENT ON COLUMN zoo.sighting.what IS 'What it was.';
COMMENT ON CONSTRAINT sighting_pkey ON zoo.sighting IS 'A sighting has an id of its own.';
COMMENT ON CONSTRAINT sighting_house_enclosure_number_fkey ON zoo.sighting
IS 'Something is seen in an enclosure.';
COMMENT ON CONSTRAINT sighting_what_is_not_blank ON zoo.sighting IS 'Something was seen.';

CREATE VIEW api.sightings WITH (security_invoker = true) AS
SELECT
    s.id,
    s.house,
    s.enclosure_number,
    s.seen_at,
    s.what
FROM zoo.sighting AS s;
COMMENT ON VIEW api.sightings IS 'Sightings: they can be added, and not be read.';

-- SELECT is not granted: visitors write frankly when nobody reads along.
GRANT INSERT (house, enclosure_number, seen_at, what) ON zoo.sighting TO superbill_api;
GRANT INSERT (house, enclosure_number, seen_at, what) ON api.sightings TO superbill_api;

-- Exhibits: the view hides rows.
CREATE TABLE zoo.exhibit (
    id uuid NOT NULL DEFAULT uuidv7(),
    title text NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    CONSTRAINT exhibit_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE zoo.exhibit IS 'Something on show, or about to be.';
COMMENT ON COLUMN zoo.exhibit.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.exhibit.title IS 'What stands beside it.';
COMMENT ON COLUMN zoo.exhibit.hidden IS 'Whether it waits behind a curtain.';
COMMENT ON CONSTRAINT exhibit_pkey ON zoo.exhibit IS 'An exhibit has an id of its own.';

CREATE VIEW api.exhibits WITH (security_invoker = true) AS
SELECT
    e.id,
    e.title,
    e.hidden
FROM zoo.exhibit AS e
WHERE NOT e.hidden;
COMMENT ON VIEW api.exhibits IS 'What is on show; what is hidden is not found.';
GRANT SELECT, INSERT (title, hidden), UPDATE (title, hidden), DELETE
ON zoo.exhibit TO superbill_api;
GRANT SELECT, INSERT (title, hidden), UPDATE (title, hidden), DELETE
ON api.exhibits TO superbill_api;

-- Donations: the view refuses what it would not show (44000).
CREATE TABLE zoo.donation (
    id uuid NOT NULL DEFAULT uuidv7(),
    amount numeric(8, 2) NOT NULL,
    currency char(3) NOT NULL DEFAULT 'EUR',
    CONSTRAINT donation_pkey PRIMARY KEY (id),
    CONSTRAINT donation_amount_is_positive CHECK (amount > 0)
);
COMMENT ON TABLE zoo.donation IS 'Money given.';
COMMENT ON COLUMN zoo.donation.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.donation.amount IS 'How much.';
COMMENT ON COLUMN zoo.donation.currency IS 'Of which currency.';
COMMENT ON CONSTRAINT donation_pkey ON zoo.donation IS 'A donation has an id of its own.';
COMMENT ON CONSTRAINT donation_amount_is_positive ON zoo.donation IS 'A donation is above 0.';

CREATE VIEW api.small_donations WITH (security_invoker = true) AS
SELECT
    d.id,
    d.amount,
    d.currency
FROM zoo.donation AS d
WHERE d.amount <= 1000
WITH CASCADED CHECK OPTION;
COMMENT ON VIEW api.small_donations IS 'Donations of at most 1000; larger ones go to the office.';
GRANT SELECT, INSERT (amount, currency), UPDATE (amount, currency)
ON zoo.donation TO superbill_api;
GRANT SELECT, INSERT (amount, currency), UPDATE (amount, currency)
ON api.small_donations TO superbill_api;

-- Signs: the view renames everything, its key too; what Postgres reports bears the table's names.
CREATE TABLE zoo.sign (
    no integer NOT NULL,
    txt text NOT NULL,
    replaces integer,
    CONSTRAINT sign_pkey PRIMARY KEY (no),
    CONSTRAINT sign_txt_key UNIQUE (txt),
    CONSTRAINT sign_replaces_fkey FOREIGN KEY (replaces) REFERENCES zoo.sign (no),
    CONSTRAINT sign_no_is_positive CHECK (no > 0),
    CONSTRAINT sign_txt_fits_on_it CHECK (length(txt) <= 30),
    CONSTRAINT sign_txt_has_no_capitals CHECK (txt = lower(txt))
);
CREATE INDEX sign_replaces_no_idx ON zoo.sign (replaces, no);

COMMENT ON TABLE zoo.sign IS 'A sign by the path.';
COMMENT ON COLUMN zoo.sign.no IS 'Its number.';
COMMENT ON COLUMN zoo.sign.txt IS 'What it says.';
COMMENT ON COLUMN zoo.sign.replaces IS 'The sign that stood there before.';
COMMENT ON CONSTRAINT sign_pkey ON zoo.sign IS 'Another sign has this number.';
COMMENT ON CONSTRAINT sign_txt_key ON zoo.sign IS 'Another sign says this.';
COMMENT ON CONSTRAINT sign_replaces_fkey ON zoo.sign IS 'A sign replaces a sign.';
COMMENT ON CONSTRAINT sign_no_is_positive ON zoo.sign IS 'Signs are numbered from 1.';
COMMENT ON CONSTRAINT sign_txt_fits_on_it ON zoo.sign IS 'A sign has room for 30 characters.';
COMMENT ON CONSTRAINT sign_txt_has_no_capitals ON zoo.sign IS 'A sign does not shout.';

CREATE VIEW api.signs WITH (security_invoker = true) AS
SELECT
    s.txt AS wording,
    s.no AS sign_number,
    s.replaces AS former_number
FROM zoo.sign AS s;
COMMENT ON VIEW api.signs IS 'Signs, under names of the view''s own.';
GRANT SELECT, INSERT (no, txt, replaces), UPDATE (txt, replaces), DELETE
ON zoo.sign TO superbill_api;
GRANT SELECT, INSERT (sign_number, wording, former_number), UPDATE (wording, former_number), DELETE
ON api.signs TO superbill_api;

-- Notices: the one place where the view grants what its table does not. The view alone says that
-- pinned may be changed and a notice removed; Postgres says 42501. The API must offer neither.
CREATE TABLE zoo.notice (
    id uuid NOT NULL DEFAULT uuidv7(),
    body text NOT NULL,
    pinned boolean NOT NULL DEFAULT false,
    CONSTRAINT notice_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE zoo.notice IS 'A note on the board.';
COMMENT ON COLUMN zoo.notice.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.notice.body IS 'What it says.';
COMMENT ON COLUMN zoo.notice.pinned IS 'Whether it stays on top.';
COMMENT ON CONSTRAINT notice_pkey ON zoo.notice IS 'A notice has an id of its own.';

CREATE VIEW api.notices WITH (security_invoker = true) AS
SELECT
    n.id,
    n.body,
    n.pinned
FROM zoo.notice AS n;
COMMENT ON VIEW api.notices IS 'The notice board.';
GRANT SELECT, INSERT (body, pinned), UPDATE (body) ON zoo.notice TO superbill_api;
GRANT SELECT, INSERT (body, pinned), UPDATE (body, pinned), DELETE ON api.notices TO superbill_api;

-- Footfall: no primary key, so no endpoint.
CREATE TABLE zoo.footfall (
    day date NOT NULL,
    gate text NOT NULL,
    visitors integer NOT NULL
);
CREATE INDEX footfall_day_idx ON zoo.footfall (day);
COMMENT ON TABLE zoo.footfall IS 'How many came in.';
COMMENT ON COLUMN zoo.footfall.day IS 'On which day.';
COMMENT ON COLUMN zoo.footfall.gate IS 'Through which gate.';
COMMENT ON COLUMN zoo.footfall.visitors IS 'How many.';

CREATE VIEW api.footfalls WITH (security_invoker = true) AS
SELECT
    f.day,
    f.gate,
    f.visitors
FROM zoo.footfall AS f;
COMMENT ON VIEW api.footfalls IS 'Not served: the table has no key.';
-- INSERT is not granted: a turnstile writes here, as the owner.
GRANT SELECT ON zoo.footfall TO superbill_api;
GRANT SELECT ON api.footfalls TO superbill_api;

-- noqa: disable=RF05
-- Names that need quoting, everywhere that a name can stand: relation, column, key, constraint,
-- index, path, query parameter, JSON Pointer.
CREATE TABLE zoo."Odd ""Thing""" (
    "Key Part" text NOT NULL,
    "order" integer NOT NULL,
    "select" text,
    "with space" text NOT NULL DEFAULT 'a ''quoted'' default',
    "100%" numeric(5, 2),
    "a.b" text,
    "a/b~c" text,
    "it's" text,
    "say ""x""" text,
    "Größe" integer,
    "camelCase" boolean NOT NULL DEFAULT false,
    "$1:x" text,
    CONSTRAINT "Odd ""Thing""_pkey" PRIMARY KEY ("Key Part"),
    CONSTRAINT "order isn't negative; 100%" CHECK ("order" >= 0),
    CONSTRAINT "say ""x"" is short" CHECK (length("say ""x""") <= 5),
    CONSTRAINT "a/b~c isn't 'x'" CHECK ("a/b~c" <> 'x')
);
CREATE INDEX "Odd order" ON zoo."Odd ""Thing""" ("order", "Key Part");
CREATE INDEX "Odd select" ON zoo."Odd ""Thing""" ("select", "with space", "Key Part");
CREATE INDEX "Odd 100%" ON zoo."Odd ""Thing""" ("100%", "Key Part");
CREATE INDEX "Odd dot" ON zoo."Odd ""Thing""" ("a.b", "Key Part");
CREATE INDEX "Odd prefix" ON zoo."Odd ""Thing""" ("it's" text_pattern_ops, "Key Part");

COMMENT ON TABLE zoo."Odd ""Thing""" IS 'Something with a name that needs quoting.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."Key Part" IS 'The key: a space in a path parameter.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."order" IS 'A reserved word, and a query parameter''s name.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."select" IS 'Another reserved word.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."with space" IS 'A space.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."100%" IS 'A percent sign behind digits.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."a.b" IS 'A dot, as filters have one.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."a/b~c" IS 'What a JSON Pointer escapes.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."it's" IS 'A single quote.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."say ""x""" IS 'Double quotes.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."Größe" IS 'Letters beyond ASCII.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."camelCase" IS 'Capitals.';
COMMENT ON COLUMN zoo."Odd ""Thing"""."$1:x" IS 'What looks like a parameter.';
COMMENT ON CONSTRAINT "Odd ""Thing""_pkey" ON zoo."Odd ""Thing""" IS 'Another thing has this key.';
COMMENT ON CONSTRAINT "order isn't negative; 100%" ON zoo."Odd ""Thing"""
IS 'An order isn''t negative; 100 % of them aren''t.';
COMMENT ON CONSTRAINT "say ""x"" is short" ON zoo."Odd ""Thing"""
IS 'What one says in "x" has at most 5 characters.';
COMMENT ON CONSTRAINT "a/b~c isn't 'x'" ON zoo."Odd ""Thing""" IS 'The a/b~c isn''t ''x''.';

CREATE VIEW api."Odd Things" WITH (security_invoker = true) AS
SELECT
    o."Key Part",
    o."order",
    o."select",
    o."with space",
    o."100%",
    o."a.b",
    o."a/b~c",
    o."it's",
    o."say ""x""",
    o."Größe",
    o."camelCase",
    o."$1:x"
FROM zoo."Odd ""Thing""" AS o;
COMMENT ON VIEW api."Odd Things" IS 'Things with names that need quoting.';
GRANT SELECT, INSERT, UPDATE, DELETE ON zoo."Odd ""Thing""" TO superbill_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON api."Odd Things" TO superbill_api;

CREATE TABLE zoo."Odd Child" (
    "ID" integer GENERATED ALWAYS AS IDENTITY,
    "of what?" text NOT NULL,
    CONSTRAINT "Odd Child_pkey" PRIMARY KEY ("ID"),
    CONSTRAINT "Odd Child_of what?_fkey"
    FOREIGN KEY ("of what?") REFERENCES zoo."Odd ""Thing""" ("Key Part")
);
CREATE INDEX "Odd Child of what" ON zoo."Odd Child" ("of what?", "ID");
COMMENT ON TABLE zoo."Odd Child" IS 'What belongs to an odd thing.';
COMMENT ON COLUMN zoo."Odd Child"."ID" IS 'Given by the database.';
COMMENT ON COLUMN zoo."Odd Child"."of what?" IS 'What it belongs to.';
COMMENT ON CONSTRAINT "Odd Child_pkey" ON zoo."Odd Child" IS 'A child has an id of its own.';
COMMENT ON CONSTRAINT "Odd Child_of what?_fkey" ON zoo."Odd Child"
IS 'A child belongs to an odd thing.';

CREATE VIEW api."Odd Children" WITH (security_invoker = true) AS
SELECT
    c."ID",
    c."of what?"
FROM zoo."Odd Child" AS c;
COMMENT ON VIEW api."Odd Children" IS 'What belongs to odd things.';
GRANT SELECT, INSERT ("of what?"), DELETE ON zoo."Odd Child" TO superbill_api;
GRANT SELECT, INSERT ("of what?"), DELETE ON api."Odd Children" TO superbill_api;
