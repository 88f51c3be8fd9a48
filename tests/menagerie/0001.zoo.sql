-- The menagerie: a second schema that shares nothing with the first but its form. Whatever the
-- generator does for it, it does because of what the catalog says, not because of what it is about.
-- This file: roles, schemas, types, and the relations that all others lean on. README.md says
-- which feature stands where.
-- depends:

-- Roles belong to the whole cluster: another database's migration may have made them already (an
-- owner without CREATEROLE may not even try again), or may be making them at this moment.
DO $$
BEGIN
    IF to_regrole('superbill_api') IS NULL THEN
        CREATE ROLE superbill_api NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    IF to_regrole('superbill_reporter') IS NULL THEN
        CREATE ROLE superbill_reporter NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA zoo;
CREATE SCHEMA api;
CREATE SCHEMA reporting;

COMMENT ON SCHEMA zoo IS 'The tables of the menagerie.';
COMMENT ON SCHEMA api IS 'A menagerie: animals, where they live and who looks after them.

The second schema that the tests run the same code on.

Contact: The keepers <keepers@zoo.example>
License: The zoo''s terms <https://zoo.example/terms>';
COMMENT ON SCHEMA reporting IS 'What the keepers of the menagerie look up.';

GRANT USAGE ON SCHEMA zoo TO superbill_api;
GRANT USAGE ON SCHEMA api TO superbill_api;
GRANT USAGE ON SCHEMA reporting TO superbill_api, superbill_reporter;
-- The API says it is ready when every migration that it ships is applied, so it reads the list.
GRANT SELECT ON public._yoyo_migration TO superbill_api;

-- Both are trusted: the database's owner may create them.
CREATE EXTENSION pg_trgm WITH SCHEMA zoo;
CREATE EXTENSION btree_gist WITH SCHEMA zoo;

CREATE TYPE zoo.conservation_status AS ENUM (
    'least concern', 'vulnerable', 'endangered', 'extinct in the wild', 'unknown, not assessed'
);
COMMENT ON TYPE zoo.conservation_status IS 'How near a species is to vanishing.';

CREATE DOMAIN zoo.email AS text;
COMMENT ON DOMAIN zoo.email IS 'An e-mail address; the CHECKs stand on the tables that use it.';

CREATE DOMAIN zoo.required_text AS text NOT NULL;
COMMENT ON DOMAIN zoo.required_text IS 'Text that is never missing: the domain says NOT NULL.';

-- Against the convention these two carry their own CHECK: such domains exist in other schemas.
CREATE DOMAIN zoo.kilogram AS numeric(8, 2) CONSTRAINT kilogram_is_positive CHECK (value > 0);
COMMENT ON DOMAIN zoo.kilogram IS 'A mass in kilograms.';
COMMENT ON CONSTRAINT kilogram_is_positive ON DOMAIN zoo.kilogram IS 'A mass is above 0 kg.';

CREATE DOMAIN zoo.hand_luggage AS zoo.kilogram
CONSTRAINT hand_luggage_can_be_carried CHECK (value <= 25);
COMMENT ON DOMAIN zoo.hand_luggage IS 'A mass in kilograms that one person may carry.';
COMMENT ON CONSTRAINT hand_luggage_can_be_carried ON DOMAIN zoo.hand_luggage
IS 'One person carries at most 25 kg.';

-- Species: a reference list, kept by the owner, read by everybody. A text key in the C collation,
-- so that the key's own index serves a prefix.
CREATE TABLE zoo.species (
    code text COLLATE "C" NOT NULL,
    common_name text NOT NULL,
    latin_name text NOT NULL,
    status zoo.conservation_status NOT NULL DEFAULT 'unknown, not assessed',
    adult_mass zoo.kilogram,
    CONSTRAINT species_pkey PRIMARY KEY (code),
    CONSTRAINT species_code_is_three_to_five_capitals CHECK (code ~ '^[A-Z]{3,5}$')
);
CREATE INDEX species_common_name_code_idx ON zoo.species (common_name text_pattern_ops, code);
CREATE INDEX species_latin_name_idx ON zoo.species USING gin (latin_name zoo.gin_trgm_ops);
CREATE INDEX species_status_code_idx ON zoo.species (status, code);

COMMENT ON TABLE zoo.species IS 'The species that the menagerie knows.';
COMMENT ON COLUMN zoo.species.code IS 'Three to five capital letters.';
COMMENT ON COLUMN zoo.species.common_name IS 'What visitors call it.';
COMMENT ON COLUMN zoo.species.latin_name IS 'Genus and species.';
COMMENT ON COLUMN zoo.species.status IS 'How near it is to vanishing.';
COMMENT ON COLUMN zoo.species.adult_mass IS 'What a grown one weighs, in kilograms.';
COMMENT ON CONSTRAINT species_pkey ON zoo.species IS 'A species has a code of its own.';
COMMENT ON CONSTRAINT species_code_is_three_to_five_capitals ON zoo.species
IS 'A species code is three to five capital letters.';

CREATE VIEW api.species WITH (security_invoker = true) AS
SELECT
    s.code,
    s.common_name,
    s.latin_name,
    s.status,
    s.adult_mass
FROM zoo.species AS s;
COMMENT ON VIEW api.species IS 'Species, as a reference list.';

-- INSERT, UPDATE and DELETE are not granted: the owner keeps this list.
GRANT SELECT ON zoo.species TO superbill_api;
GRANT SELECT ON api.species TO superbill_api;

-- Enclosures: a composite key, one part of which is text that a person made up.
CREATE TABLE zoo.enclosure (
    house text NOT NULL,
    number smallint NOT NULL,
    climate text NOT NULL DEFAULT 'temperate',
    length_m numeric(8, 2) NOT NULL,
    width_m numeric(8, 2) NOT NULL,
    area_m2 numeric GENERATED ALWAYS AS (length_m * width_m) STORED NOT NULL,
    label text GENERATED ALWAYS AS (house || ' ' || CAST(number AS text)) VIRTUAL,
    cleaned_on date,
    CONSTRAINT enclosure_pkey PRIMARY KEY (house, number),
    CONSTRAINT enclosure_house_is_not_blank CHECK (house ~ '\S'),
    CONSTRAINT enclosure_number_is_positive CHECK (number > 0),
    CONSTRAINT enclosure_climate_is_known
    CHECK (climate IN ('temperate', 'tropical', 'desert', 'polar')),
    CONSTRAINT enclosure_width_is_positive CHECK (width_m > 0),
    CONSTRAINT enclosure_is_at_least_as_long_as_wide CHECK (length_m >= width_m)
);
CREATE INDEX enclosure_area_m2_house_number_idx ON zoo.enclosure (area_m2, house, number);
CREATE INDEX enclosure_cleaned_on_house_number_idx ON zoo.enclosure (cleaned_on, house, number);

COMMENT ON TABLE zoo.enclosure IS 'A place where animals live.';
COMMENT ON COLUMN zoo.enclosure.house IS 'The house, by whatever name it goes.';
COMMENT ON COLUMN zoo.enclosure.number IS 'The number of the enclosure within its house.';
COMMENT ON COLUMN zoo.enclosure.climate IS 'What the heating is set to.';
COMMENT ON COLUMN zoo.enclosure.length_m IS 'The longer side in metres.';
COMMENT ON COLUMN zoo.enclosure.width_m IS 'The shorter side in metres.';
COMMENT ON COLUMN zoo.enclosure.area_m2 IS 'The floor in square metres.';
COMMENT ON COLUMN zoo.enclosure.label IS 'What stands on the door.';
COMMENT ON COLUMN zoo.enclosure.cleaned_on IS 'When it was last cleaned.';
COMMENT ON CONSTRAINT enclosure_pkey ON zoo.enclosure
IS 'Within a house each enclosure has its own number.';
COMMENT ON CONSTRAINT enclosure_house_is_not_blank ON zoo.enclosure IS 'A house has a name.';
COMMENT ON CONSTRAINT enclosure_number_is_positive ON zoo.enclosure
IS 'Enclosures are numbered from 1.';
COMMENT ON CONSTRAINT enclosure_climate_is_known ON zoo.enclosure
IS 'A climate is temperate, tropical, desert or polar.';
COMMENT ON CONSTRAINT enclosure_width_is_positive ON zoo.enclosure
IS 'An enclosure is wider than nothing.';
COMMENT ON CONSTRAINT enclosure_is_at_least_as_long_as_wide ON zoo.enclosure
IS 'The length of an enclosure is its longer side.';

CREATE VIEW api.enclosures WITH (security_invoker = true) AS
SELECT
    e.house,
    e.number,
    e.climate,
    e.length_m,
    e.width_m,
    e.area_m2,
    e.label,
    e.cleaned_on
FROM zoo.enclosure AS e;
COMMENT ON VIEW api.enclosures IS 'Enclosures, by house and number.';
COMMENT ON COLUMN api.enclosures.label IS 'The text on the door: the view''s own comment.';

-- UPDATE of the key is not granted: doors keep their numbers. cleaned_on is not granted for INSERT:
-- an enclosure begins uncleaned.
GRANT SELECT, INSERT (house, number, climate, length_m, width_m),
UPDATE (climate, length_m, width_m, cleaned_on), DELETE
ON zoo.enclosure TO superbill_api;
GRANT SELECT, INSERT (house, number, climate, length_m, width_m),
UPDATE (climate, length_m, width_m, cleaned_on), DELETE
ON api.enclosures TO superbill_api;

-- Keepers: an identity that nobody may choose, a self-reference, and a column nobody may read.
CREATE TABLE zoo.keeper (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name varchar(40) NOT NULL,
    initials char(2) NOT NULL,
    email zoo.email NOT NULL,
    hired_on date NOT NULL DEFAULT current_date,
    chief_id bigint,
    languages text[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    home_address text,
    CONSTRAINT keeper_pkey PRIMARY KEY (id),
    CONSTRAINT keeper_email_key UNIQUE (email),
    CONSTRAINT keeper_chief_id_fkey FOREIGN KEY (chief_id) REFERENCES zoo.keeper (id),
    CONSTRAINT keeper_name_has_two_characters CHECK (length(name) >= 2),
    CONSTRAINT keeper_initials_are_capitals CHECK (initials ~ '^[A-Z]{2}$'),
    CONSTRAINT keeper_email_has_an_at_sign CHECK (email ~ '^[^@\s]+@[^@\s]+$'),
    CONSTRAINT keeper_email_is_not_too_long CHECK (length(email) <= 254),
    CONSTRAINT keeper_languages_are_five_at_most CHECK (cardinality(languages) <= 5)
);
CREATE INDEX keeper_chief_id_id_idx ON zoo.keeper (chief_id, id);
CREATE INDEX keeper_hired_on_id_idx ON zoo.keeper (hired_on DESC, id DESC);
CREATE INDEX keeper_initials_idx ON zoo.keeper (initials) WHERE active;
CREATE INDEX keeper_lower_idx ON zoo.keeper (lower(name));

COMMENT ON TABLE zoo.keeper IS 'Somebody who looks after animals.';
COMMENT ON COLUMN zoo.keeper.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.keeper.name IS 'The name on the badge.';
COMMENT ON COLUMN zoo.keeper.initials IS 'Two capitals, for the rota.';
COMMENT ON COLUMN zoo.keeper.email IS 'Where the rota is sent.';
COMMENT ON COLUMN zoo.keeper.hired_on IS 'The first day of work.';
COMMENT ON COLUMN zoo.keeper.chief_id IS 'Who gives this keeper orders.';
COMMENT ON COLUMN zoo.keeper.languages IS 'The languages that visitors may use.';
COMMENT ON COLUMN zoo.keeper.active IS 'Whether the keeper still works here.';
COMMENT ON COLUMN zoo.keeper.home_address IS 'Nobody''s business: not granted to any role.';
COMMENT ON CONSTRAINT keeper_pkey ON zoo.keeper IS 'A keeper has a number of their own.';
COMMENT ON CONSTRAINT keeper_email_key ON zoo.keeper
IS 'Another keeper has this e-mail address.';
COMMENT ON CONSTRAINT keeper_chief_id_fkey ON zoo.keeper IS 'A chief is a keeper.';
COMMENT ON CONSTRAINT keeper_name_has_two_characters ON zoo.keeper
IS 'A name has at least two characters.';
COMMENT ON CONSTRAINT keeper_initials_are_capitals ON zoo.keeper
IS 'Initials are two capital letters.';
COMMENT ON CONSTRAINT keeper_email_has_an_at_sign ON zoo.keeper
IS 'An e-mail address has one @ with something on either side.';
COMMENT ON CONSTRAINT keeper_email_is_not_too_long ON zoo.keeper
IS 'An e-mail address has at most 254 characters.';
COMMENT ON CONSTRAINT keeper_languages_are_five_at_most ON zoo.keeper
IS 'A keeper lists at most five languages.';

CREATE VIEW api.keepers WITH (security_invoker = true) AS
SELECT
    k.id,
    k.name,
    k.initials,
    k.email,
    k.hired_on,
    k.chief_id,
    k.languages,
    k.active
FROM zoo.keeper AS k;
COMMENT ON VIEW api.keepers IS 'Keepers, without their private affairs.';

-- home_address is not granted, hence not in the view. DELETE is not granted: keepers become
-- inactive. hired_on is not granted for UPDATE: a first day stays what it was.
GRANT SELECT (id, name, initials, email, hired_on, chief_id, languages, active),
INSERT (name, initials, email, hired_on, chief_id, languages, active),
UPDATE (name, initials, email, chief_id, languages, active)
ON zoo.keeper TO superbill_api;
GRANT SELECT,
INSERT (name, initials, email, hired_on, chief_id, languages, active),
UPDATE (name, initials, email, chief_id, languages, active)
ON api.keepers TO superbill_api;

-- Lockers: one to a keeper at most, and a key that may be chosen.
CREATE TABLE zoo.locker (
    id integer GENERATED BY DEFAULT AS IDENTITY,
    keeper_id bigint NOT NULL,
    corridor smallint NOT NULL DEFAULT 1,
    combination text,
    CONSTRAINT locker_pkey PRIMARY KEY (id),
    CONSTRAINT locker_keeper_id_key UNIQUE (keeper_id),
    CONSTRAINT locker_keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES zoo.keeper (id)
);

COMMENT ON TABLE zoo.locker IS 'A keeper''s locker.';
COMMENT ON COLUMN zoo.locker.id IS 'The number on the locker; the next free one if not given.';
COMMENT ON COLUMN zoo.locker.keeper_id IS 'Whose it is.';
COMMENT ON COLUMN zoo.locker.corridor IS 'Where it stands.';
COMMENT ON COLUMN zoo.locker.combination IS 'How to open it: not granted to any role.';
COMMENT ON CONSTRAINT locker_pkey ON zoo.locker IS 'Another locker has this number.';
COMMENT ON CONSTRAINT locker_keeper_id_key ON zoo.locker IS 'This keeper has a locker already.';
COMMENT ON CONSTRAINT locker_keeper_id_fkey ON zoo.locker IS 'A locker belongs to a keeper.';

CREATE VIEW api.lockers WITH (security_invoker = true) AS
SELECT
    l.id,
    l.keeper_id,
    l.corridor
FROM zoo.locker AS l;
COMMENT ON VIEW api.lockers IS 'Lockers, without their combinations.';

-- UPDATE of keeper_id is not granted: a locker is given back, then given out anew.
GRANT SELECT (id, keeper_id, corridor), INSERT (id, keeper_id, corridor), UPDATE (corridor), DELETE
ON zoo.locker TO superbill_api;
GRANT SELECT, INSERT (id, keeper_id, corridor), UPDATE (corridor), DELETE
ON api.lockers TO superbill_api;
