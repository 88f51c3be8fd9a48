-- Animals and what happens to them: nested collections under a composite key, two foreign keys to
-- one parent, ranges that may not overlap, and triggers that refuse.
-- depends: 0001.zoo

-- Animals. The foreign key to the species has no index, on purpose: nobody lists a species'
-- animals.
CREATE TABLE zoo.animal (
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    species_code text COLLATE "C" NOT NULL,
    house text NOT NULL,
    enclosure_number smallint NOT NULL,
    mother_id uuid,
    born_on date NOT NULL,
    died_on date,
    mass numeric NOT NULL,
    marks text[] NOT NULL DEFAULT '{}',
    chip varchar(15),
    CONSTRAINT animal_pkey PRIMARY KEY (id),
    CONSTRAINT animal_species_code_fkey
    FOREIGN KEY (species_code) REFERENCES zoo.species (code),
    CONSTRAINT animal_house_enclosure_number_fkey
    FOREIGN KEY (house, enclosure_number) REFERENCES zoo.enclosure (house, number),
    CONSTRAINT animal_mother_id_fkey FOREIGN KEY (mother_id) REFERENCES zoo.animal (id),
    CONSTRAINT animal_name_is_not_blank CHECK (name ~ '\S'),
    CONSTRAINT animal_mass_is_positive CHECK (mass > 0),
    CONSTRAINT animal_dies_after_its_birth CHECK (died_on >= born_on),
    CONSTRAINT animal_is_not_its_own_mother CHECK (mother_id <> id)
);
CREATE INDEX animal_house_enclosure_number_name_id_idx
ON zoo.animal (house, enclosure_number, name, id);
CREATE INDEX animal_mother_id_id_idx ON zoo.animal (mother_id, id);
CREATE INDEX animal_name_id_idx ON zoo.animal (name, id);
CREATE INDEX animal_born_on_id_idx ON zoo.animal (born_on DESC, id DESC);
CREATE UNIQUE INDEX animal_chip_idx ON zoo.animal (chip);

COMMENT ON TABLE zoo.animal IS 'One animal.';
COMMENT ON COLUMN zoo.animal.id IS 'Given by the database, in the order of arrival.';
COMMENT ON COLUMN zoo.animal.name IS 'What the keepers call it.';
COMMENT ON COLUMN zoo.animal.species_code IS 'Its species.';
COMMENT ON COLUMN zoo.animal.house IS 'The house that it lives in.';
COMMENT ON COLUMN zoo.animal.enclosure_number IS 'The enclosure within the house.';
COMMENT ON COLUMN zoo.animal.mother_id IS 'Its mother, if she was one of ours.';
COMMENT ON COLUMN zoo.animal.born_on IS 'The day of its birth.';
COMMENT ON COLUMN zoo.animal.died_on IS 'The day of its death.';
COMMENT ON COLUMN zoo.animal.mass IS 'What it weighs, in kilograms, as exactly as was measured.';
COMMENT ON COLUMN zoo.animal.marks IS 'How to tell it from the others.';
COMMENT ON COLUMN zoo.animal.chip IS 'The number of its microchip.';
COMMENT ON CONSTRAINT animal_pkey ON zoo.animal IS 'An animal has an id of its own.';
COMMENT ON CONSTRAINT animal_species_code_fkey ON zoo.animal
IS 'An animal belongs to a species of the list.';
COMMENT ON CONSTRAINT animal_house_enclosure_number_fkey ON zoo.animal
IS 'An animal lives in an enclosure.';
COMMENT ON CONSTRAINT animal_mother_id_fkey ON zoo.animal IS 'A mother is an animal.';
COMMENT ON CONSTRAINT animal_name_is_not_blank ON zoo.animal IS 'An animal has a name.';
COMMENT ON CONSTRAINT animal_mass_is_positive ON zoo.animal IS 'An animal weighs something.';
COMMENT ON CONSTRAINT animal_dies_after_its_birth ON zoo.animal
IS 'An animal dies on the day of its birth or later.';
COMMENT ON CONSTRAINT animal_is_not_its_own_mother ON zoo.animal
IS 'An animal is not its own mother.';
COMMENT ON INDEX zoo.animal_chip_idx IS 'Another animal has this microchip.';

-- A bare refusal: SQLSTATE P0001 and a message, no field that says where.
CREATE FUNCTION zoo.refuse_basilisk() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF new.name = 'Basilisk' THEN
        RAISE EXCEPTION 'A basilisk is not kept: % kg of it least of all.', new.mass;
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION zoo.refuse_basilisk() IS 'Refuses an animal named Basilisk, with P0001.';
CREATE TRIGGER animal_is_no_basilisk BEFORE INSERT OR UPDATE ON zoo.animal
FOR EACH ROW EXECUTE FUNCTION zoo.refuse_basilisk();
COMMENT ON TRIGGER animal_is_no_basilisk ON zoo.animal IS 'A basilisk is not kept.
Fills: nothing';

-- A refusal with every field, as a constraint gives it: the name is that of the CHECK below, which
-- never fails by itself and only carries the sentence.
CREATE FUNCTION zoo.refuse_heavy_move() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF new.mass > 1000 AND new.house <> old.house THEN
        RAISE EXCEPTION 'An animal of % kg is not moved.', new.mass USING
            ERRCODE = 'P0001', SCHEMA = 'zoo', TABLE = 'animal', COLUMN = 'house',
            CONSTRAINT = 'animal_is_light_enough_to_be_moved';
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION zoo.refuse_heavy_move() IS 'Refuses to move an animal of more than 1000 kg.';
ALTER TABLE zoo.animal ADD CONSTRAINT animal_is_light_enough_to_be_moved CHECK (true);
COMMENT ON CONSTRAINT animal_is_light_enough_to_be_moved ON zoo.animal
IS 'An animal of more than 1000 kg stays in its house.';
CREATE TRIGGER animal_is_light_enough_to_be_moved BEFORE UPDATE ON zoo.animal
FOR EACH ROW EXECUTE FUNCTION zoo.refuse_heavy_move();
COMMENT ON TRIGGER animal_is_light_enough_to_be_moved ON zoo.animal
IS 'An animal of more than 1000 kg stays in its house.
Fills: nothing';

CREATE VIEW api.animals WITH (security_invoker = true) AS
SELECT
    a.id,
    a.name,
    a.species_code,
    (
        SELECT s.common_name FROM zoo.species AS s
        WHERE s.code = a.species_code
    ) AS species_name,
    a.house,
    a.enclosure_number,
    a.mother_id,
    a.born_on,
    a.died_on,
    a.mass,
    a.marks,
    a.chip
FROM zoo.animal AS a;
COMMENT ON VIEW api.animals IS 'Animals, with the name of their species looked up.';
COMMENT ON COLUMN api.animals.species_name IS 'What visitors call the species.';

-- UPDATE of species_code is not granted: an animal stays what it is.
GRANT SELECT,
INSERT (
    name, species_code, house, enclosure_number, mother_id, born_on, died_on, mass, marks, chip
),
UPDATE (name, house, enclosure_number, mother_id, born_on, died_on, mass, marks, chip), DELETE
ON zoo.animal TO superbill_api;
GRANT SELECT,
INSERT (
    name, species_code, house, enclosure_number, mother_id, born_on, died_on, mass, marks, chip
),
UPDATE (name, house, enclosure_number, mother_id, born_on, died_on, mass, marks, chip), DELETE
ON api.animals TO superbill_api;

-- A view over a view: the key, checks and indexes come from two floors down.
CREATE VIEW api.animal_names WITH (security_invoker = true) AS
SELECT
    n.id AS animal,
    n.name,
    n.species_name
FROM api.animals AS n;
COMMENT ON VIEW api.animal_names IS 'The names of the animals, for labels.';
COMMENT ON COLUMN api.animal_names.species_name IS 'What visitors call the species.';
GRANT SELECT ON api.animal_names TO superbill_api;

-- An enclosure with who lives in it, as one document: rows of a composite type in an array.
CREATE TYPE zoo.resident AS (id uuid, name text, born_on date, mass numeric);
COMMENT ON TYPE zoo.resident IS 'An animal, as the list on a door names it.';
COMMENT ON COLUMN zoo.resident.id IS 'The animal.';
COMMENT ON COLUMN zoo.resident.name IS 'What the keepers call it.';
COMMENT ON COLUMN zoo.resident.born_on IS 'The day of its birth.';
COMMENT ON COLUMN zoo.resident.mass IS 'What it weighs, in kilograms.';

CREATE VIEW api.door_lists WITH (security_invoker = true) AS
SELECT
    e.house,
    e.number,
    e.climate,
    ARRAY(
        SELECT CAST(ROW(a.id, a.name, a.born_on, a.mass) AS zoo.resident) AS resident
        FROM zoo.animal AS a
        WHERE a.house = e.house AND a.enclosure_number = e.number
        ORDER BY a.name, a.id  -- noqa: RF01
    ) AS residents
FROM zoo.enclosure AS e;
COMMENT ON VIEW api.door_lists IS 'Enclosures, each with the animals that live there.';
COMMENT ON COLUMN api.door_lists.residents IS 'The animals, by name.';
GRANT SELECT ON api.door_lists TO superbill_api;

-- Feedings: two foreign keys to one parent, and a column that makes serialization fail.
CREATE TABLE zoo.feeding (
    id uuid NOT NULL DEFAULT uuidv7(),
    animal_id uuid NOT NULL,
    prepared_by bigint NOT NULL,
    served_by bigint,
    served_at timestamptz NOT NULL DEFAULT now(),
    food zoo.required_text,
    amount zoo.kilogram NOT NULL,
    portions integer NOT NULL DEFAULT 1,
    note text,
    CONSTRAINT feeding_pkey PRIMARY KEY (id),
    CONSTRAINT feeding_animal_id_fkey FOREIGN KEY (animal_id) REFERENCES zoo.animal (id),
    CONSTRAINT feeding_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES zoo.keeper (id),
    CONSTRAINT feeding_served_by_fkey FOREIGN KEY (served_by) REFERENCES zoo.keeper (id),
    CONSTRAINT feeding_portions_is_positive CHECK (portions >= 1)
);
CREATE INDEX feeding_animal_id_served_at_id_idx ON zoo.feeding (animal_id, served_at, id);
CREATE INDEX feeding_prepared_by_id_idx ON zoo.feeding (prepared_by, id);
CREATE INDEX feeding_served_by_id_idx ON zoo.feeding (served_by, id);
CREATE INDEX feeding_food_portions_id_idx ON zoo.feeding (food, portions, id);

COMMENT ON TABLE zoo.feeding IS 'One meal of one animal.';
COMMENT ON COLUMN zoo.feeding.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.feeding.animal_id IS 'Who ate.';
COMMENT ON COLUMN zoo.feeding.prepared_by IS 'The keeper in the kitchen.';
COMMENT ON COLUMN zoo.feeding.served_by IS 'The keeper at the trough, unless it was a machine.';
COMMENT ON COLUMN zoo.feeding.served_at IS 'When it was served.';
COMMENT ON COLUMN zoo.feeding.food IS 'What it was.';
COMMENT ON COLUMN zoo.feeding.amount IS 'How much of it, in kilograms.';
COMMENT ON COLUMN zoo.feeding.portions IS 'In how many portions.';
COMMENT ON COLUMN zoo.feeding.note IS 'Whatever else happened.';
COMMENT ON CONSTRAINT feeding_pkey ON zoo.feeding IS 'A feeding has an id of its own.';
COMMENT ON CONSTRAINT feeding_animal_id_fkey ON zoo.feeding IS 'An animal of ours is fed.';
COMMENT ON CONSTRAINT feeding_prepared_by_fkey ON zoo.feeding IS 'A keeper prepares a meal.';
COMMENT ON CONSTRAINT feeding_served_by_fkey ON zoo.feeding IS 'A keeper serves a meal.';
COMMENT ON CONSTRAINT feeding_portions_is_positive ON zoo.feeding
IS 'A meal has at least one portion.';

-- A sequence is not rolled back: it remembers that a statement was tried before. The function runs
-- as its owner, because the API's role has no business with the sequence.
CREATE SEQUENCE zoo.skirmish;
COMMENT ON SEQUENCE zoo.skirmish IS 'How often a feeding with the note "skirmish" was tried.';
CREATE FUNCTION zoo.fail_to_serialize() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF new.note = 'stampede'
        OR (new.note = 'skirmish' AND nextval('zoo.skirmish') % 2 = 1)
    THEN
        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION zoo.fail_to_serialize() IS
'Raises 40001: for the note "stampede" always, for "skirmish" at every other attempt.';
CREATE TRIGGER feeding_fails_to_serialize BEFORE INSERT OR UPDATE ON zoo.feeding
FOR EACH ROW EXECUTE FUNCTION zoo.fail_to_serialize();
COMMENT ON TRIGGER feeding_fails_to_serialize ON zoo.feeding IS 'For tests of the retry.
Fills: nothing';

CREATE VIEW api.feedings WITH (security_invoker = true) AS
SELECT
    f.id,
    f.animal_id,
    f.prepared_by,
    f.served_by,
    f.served_at,
    f.food,
    f.amount,
    f.portions,
    f.note
FROM zoo.feeding AS f;
COMMENT ON VIEW api.feedings IS 'Meals served.';

-- UPDATE is granted on the note alone, since what was served was served; DELETE is not granted.
GRANT SELECT,
INSERT (animal_id, prepared_by, served_by, served_at, food, amount, portions, note), UPDATE (note)
ON zoo.feeding TO superbill_api;
GRANT SELECT,
INSERT (animal_id, prepared_by, served_by, served_at, food, amount, portions, note), UPDATE (note)
ON api.feedings TO superbill_api;

-- Shifts: no keeper stands in two places at once.
CREATE TABLE zoo.shift (
    id uuid NOT NULL DEFAULT uuidv7(),
    keeper_id bigint NOT NULL,
    period tstzrange NOT NULL,
    CONSTRAINT shift_pkey PRIMARY KEY (id),
    CONSTRAINT shift_keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES zoo.keeper (id),
    CONSTRAINT shift_keeper_id_period_excl
    EXCLUDE USING gist (keeper_id WITH =, period WITH &&),
    CONSTRAINT shift_period_is_not_empty CHECK (NOT isempty(period))
);
CREATE INDEX shift_keeper_id_id_idx ON zoo.shift (keeper_id, id);

COMMENT ON TABLE zoo.shift IS 'When a keeper is at work.';
COMMENT ON COLUMN zoo.shift.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.shift.keeper_id IS 'Who is at work.';
COMMENT ON COLUMN zoo.shift.period IS 'From when until when.';
COMMENT ON CONSTRAINT shift_pkey ON zoo.shift IS 'A shift has an id of its own.';
COMMENT ON CONSTRAINT shift_keeper_id_fkey ON zoo.shift IS 'A keeper works a shift.';
COMMENT ON CONSTRAINT shift_keeper_id_period_excl ON zoo.shift
IS 'This keeper is at work at that time already.';
COMMENT ON CONSTRAINT shift_period_is_not_empty ON zoo.shift IS 'A shift takes some time.';

CREATE VIEW api.shifts WITH (security_invoker = true) AS
SELECT
    s.id,
    s.keeper_id,
    s.period
FROM zoo.shift AS s;
COMMENT ON VIEW api.shifts IS 'The rota.';
GRANT SELECT, INSERT (keeper_id, period), UPDATE (keeper_id, period), DELETE
ON zoo.shift TO superbill_api;
GRANT SELECT, INSERT (keeper_id, period), UPDATE (keeper_id, period), DELETE
ON api.shifts TO superbill_api;

-- Loans: a range index, and a temporal key, which is unique in pg_constraint but has no btree.
CREATE TABLE zoo.loan (
    id bigint GENERATED ALWAYS AS IDENTITY,
    animal_id uuid NOT NULL,
    during daterange NOT NULL,
    ages int4range,
    partner text NOT NULL,
    daily_fee numeric(8, 2) NOT NULL DEFAULT 0,
    CONSTRAINT loan_pkey PRIMARY KEY (id),
    CONSTRAINT loan_animal_id_fkey FOREIGN KEY (animal_id) REFERENCES zoo.animal (id),
    CONSTRAINT loan_partner_is_not_empty CHECK (partner <> ''),
    CONSTRAINT loan_daily_fee_is_not_negative CHECK (daily_fee >= 0)
);
ALTER TABLE zoo.loan  -- noqa: PRS
ADD CONSTRAINT loan_animal_id_during_key UNIQUE (animal_id, during WITHOUT OVERLAPS);
CREATE INDEX loan_animal_id_id_idx ON zoo.loan (animal_id, id);
CREATE INDEX loan_during_idx ON zoo.loan USING gist (during);

COMMENT ON TABLE zoo.loan IS 'An animal on loan to another zoo.';
COMMENT ON COLUMN zoo.loan.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.loan.animal_id IS 'Who is away.';
COMMENT ON COLUMN zoo.loan.during IS 'The days of the loan.';
COMMENT ON COLUMN zoo.loan.ages IS 'How old, in years, the visitors may be over there.';
COMMENT ON COLUMN zoo.loan.partner IS 'The other zoo.';
COMMENT ON COLUMN zoo.loan.daily_fee IS 'What it pays us a day.';
COMMENT ON CONSTRAINT loan_pkey ON zoo.loan IS 'A loan has a number of its own.';
COMMENT ON CONSTRAINT loan_animal_id_fkey ON zoo.loan IS 'An animal of ours is lent.';
COMMENT ON CONSTRAINT loan_animal_id_during_key ON zoo.loan
IS 'This animal is on loan at that time already.';
COMMENT ON CONSTRAINT loan_partner_is_not_empty ON zoo.loan IS 'A loan has a partner.';
COMMENT ON CONSTRAINT loan_daily_fee_is_not_negative ON zoo.loan IS 'A fee is 0 or more.';

CREATE VIEW api.loans WITH (security_invoker = true) AS
SELECT
    l.id,
    l.animal_id,
    l.during,
    l.ages,
    l.partner,
    l.daily_fee
FROM zoo.loan AS l;
COMMENT ON VIEW api.loans IS 'Animals on loan.';
GRANT SELECT,
INSERT (animal_id, during, ages, partner, daily_fee),
UPDATE (during, ages, partner, daily_fee), DELETE
ON zoo.loan TO superbill_api;
GRANT SELECT,
INSERT (animal_id, during, ages, partner, daily_fee),
UPDATE (during, ages, partner, daily_fee), DELETE
ON api.loans TO superbill_api;
