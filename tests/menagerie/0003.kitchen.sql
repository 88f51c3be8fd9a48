-- The kitchen and the cabinet: a CHECK of every sort on one relation, a type of every sort on the
-- other.
-- depends: 0002.animals

CREATE TABLE zoo.ration (
    id uuid NOT NULL DEFAULT uuidv7(),
    title text NOT NULL,
    code text NOT NULL,
    slug text NOT NULL DEFAULT lower('A-RATION'),
    season text NOT NULL DEFAULT 'all year',
    mood text,
    supplier text,
    servings integer NOT NULL DEFAULT 4,
    grams integer NOT NULL,
    energy numeric(8, 2) NOT NULL,
    fat numeric(5, 4),
    price numeric,
    spice double precision,
    warmth real,
    ingredients text[] NOT NULL,
    allergens text[],
    minutes integer[],
    method jsonb NOT NULL DEFAULT '{}',
    raw boolean NOT NULL DEFAULT false,
    cooked_at_c smallint,
    valid_from date,
    valid_until date,
    CONSTRAINT ration_pkey PRIMARY KEY (id),
    CONSTRAINT ration_code_season_key UNIQUE (code, season),
    CONSTRAINT ration_title_has_3_to_60_characters CHECK (length(title) BETWEEN 3 AND 60),
    CONSTRAINT ration_title_is_not_blank CHECK (btrim(title) <> ''),
    CONSTRAINT ration_code_is_r_and_three_digits CHECK (code ~ '^R-[0-9]{3}$'),
    CONSTRAINT ration_slug_is_not_empty CHECK (slug <> ''),
    CONSTRAINT ration_slug_has_at_most_20_characters CHECK (char_length(slug) <= 20),
    CONSTRAINT ration_slug_has_no_space CHECK (slug !~ '\s'),
    CONSTRAINT ration_slug_is_lower_case CHECK (slug = lower(slug)),
    CONSTRAINT ration_season_is_known CHECK (season IN ('all year', 'summer', 'winter')),
    CONSTRAINT ration_mood_is_good_or_bad CHECK (mood = 'good' OR mood = 'bad'),
    CONSTRAINT ration_supplier_begins_with_z CHECK (supplier LIKE 'Z-%'),
    CONSTRAINT ration_supplier_names_no_rival CHECK (supplier !~* 'rival'),
    CONSTRAINT ration_servings_are_1_to_20 CHECK (servings BETWEEN 1 AND 20),
    CONSTRAINT ration_grams_are_positive CHECK (0 < grams),
    CONSTRAINT ration_grams_are_a_multiple_of_5 CHECK (grams % 5 = 0),
    CONSTRAINT ration_energy_is_positive CHECK (energy > 0),
    CONSTRAINT ration_energy_is_below_10000 CHECK (energy < 10000),
    CONSTRAINT ration_fat_is_a_share CHECK (fat >= 0 AND fat <= 1),
    CONSTRAINT ration_price_is_a_number CHECK (price <> 'NaN'),
    CONSTRAINT ration_spice_is_between_0_and_1 CHECK (spice > 0 AND spice < 1),
    CONSTRAINT ration_warmth_is_at_most_half CHECK (warmth <= 0.5),
    CONSTRAINT ration_ingredients_are_1_to_8 CHECK (cardinality(ingredients) BETWEEN 1 AND 8),
    CONSTRAINT ration_ingredients_are_all_there CHECK (array_position(ingredients, null) IS null),
    CONSTRAINT ration_allergens_are_known CHECK (allergens <@ ARRAY['nut', 'fish', 'straw']),
    CONSTRAINT ration_minutes_are_positive CHECK (1 <= ALL(minutes)),  -- noqa: CP03
    CONSTRAINT ration_minutes_are_3_at_most CHECK (array_length(minutes, 1) <= 3),
    CONSTRAINT ration_method_is_an_object CHECK (jsonb_typeof(method) = 'object'),
    CONSTRAINT ration_is_raw_or_cooked CHECK (raw <> (cooked_at_c IS NOT null)),
    CONSTRAINT ration_valid_from_is_in_this_century CHECK (valid_from >= '2000-01-01'),
    CONSTRAINT ration_ends_after_it_begins CHECK (valid_from IS null OR valid_until >= valid_from)
);
CREATE INDEX ration_season_servings_id_idx ON zoo.ration (season, servings, id);

COMMENT ON TABLE zoo.ration IS 'A recipe for a meal.';
COMMENT ON COLUMN zoo.ration.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.ration.title IS 'What the kitchen calls it.';
COMMENT ON COLUMN zoo.ration.code IS 'R, a hyphen and three digits.';
COMMENT ON COLUMN zoo.ration.slug IS 'What stands in a link to it.';
COMMENT ON COLUMN zoo.ration.season IS 'When it is served.';
COMMENT ON COLUMN zoo.ration.mood IS 'What it does to the one who eats it.';
COMMENT ON COLUMN zoo.ration.supplier IS 'Who delivers.';
COMMENT ON COLUMN zoo.ration.servings IS 'How many it feeds.';
COMMENT ON COLUMN zoo.ration.grams IS 'What a serving weighs.';
COMMENT ON COLUMN zoo.ration.energy IS 'Kilocalories in a serving.';
COMMENT ON COLUMN zoo.ration.fat IS 'The share of fat.';
COMMENT ON COLUMN zoo.ration.price IS 'What a serving costs, as exactly as it was quoted.';
COMMENT ON COLUMN zoo.ration.spice IS 'How hot it tastes.';
COMMENT ON COLUMN zoo.ration.warmth IS 'How warm it is served: 0 is room temperature.';
COMMENT ON COLUMN zoo.ration.ingredients IS 'What is in it.';
COMMENT ON COLUMN zoo.ration.allergens IS 'What some do not bear.';
COMMENT ON COLUMN zoo.ration.minutes IS 'How long each step takes.';
COMMENT ON COLUMN zoo.ration.method IS 'How to make it.';
COMMENT ON COLUMN zoo.ration.raw IS 'Whether it stays uncooked.';
COMMENT ON COLUMN zoo.ration.cooked_at_c IS 'How hot the oven is, in degrees Celsius.';
COMMENT ON COLUMN zoo.ration.valid_from IS 'The first day on which it may be served.';
COMMENT ON COLUMN zoo.ration.valid_until IS 'The last day on which it may be served.';
COMMENT ON CONSTRAINT ration_pkey ON zoo.ration IS 'A ration has an id of its own.';
COMMENT ON CONSTRAINT ration_code_season_key ON zoo.ration
IS 'Another ration has this code in this season.';
COMMENT ON CONSTRAINT ration_title_has_3_to_60_characters ON zoo.ration
IS 'A title has 3 to 60 characters.';
COMMENT ON CONSTRAINT ration_title_is_not_blank ON zoo.ration IS 'A title is not blank.';
COMMENT ON CONSTRAINT ration_code_is_r_and_three_digits ON zoo.ration
IS 'A code is R, a hyphen and three digits.';
COMMENT ON CONSTRAINT ration_slug_is_not_empty ON zoo.ration IS 'A slug is not empty.';
COMMENT ON CONSTRAINT ration_slug_has_at_most_20_characters ON zoo.ration
IS 'A slug has at most 20 characters.';
COMMENT ON CONSTRAINT ration_slug_has_no_space ON zoo.ration IS 'A slug has no space in it.';
COMMENT ON CONSTRAINT ration_slug_is_lower_case ON zoo.ration IS 'A slug has no capitals.';
COMMENT ON CONSTRAINT ration_season_is_known ON zoo.ration
IS 'A season is all year, summer or winter.';
COMMENT ON CONSTRAINT ration_mood_is_good_or_bad ON zoo.ration IS 'A mood is good or bad.';
COMMENT ON CONSTRAINT ration_supplier_begins_with_z ON zoo.ration
IS 'A supplier''s name begins with Z and a hyphen.';
COMMENT ON CONSTRAINT ration_supplier_names_no_rival ON zoo.ration
IS 'A supplier is no rival.';
COMMENT ON CONSTRAINT ration_servings_are_1_to_20 ON zoo.ration IS 'A ration feeds 1 to 20.';
COMMENT ON CONSTRAINT ration_grams_are_positive ON zoo.ration IS 'A serving weighs something.';
COMMENT ON CONSTRAINT ration_grams_are_a_multiple_of_5 ON zoo.ration
IS 'A serving is weighed in steps of 5 g.';
COMMENT ON CONSTRAINT ration_energy_is_positive ON zoo.ration IS 'A serving has some energy.';
COMMENT ON CONSTRAINT ration_energy_is_below_10000 ON zoo.ration
IS 'A serving has less than 10000 kcal.';
COMMENT ON CONSTRAINT ration_fat_is_a_share ON zoo.ration IS 'A share is 0 to 1.';
COMMENT ON CONSTRAINT ration_price_is_a_number ON zoo.ration IS 'A price is a number.';
COMMENT ON CONSTRAINT ration_spice_is_between_0_and_1 ON zoo.ration
IS 'Spice is above 0 and below 1.';
COMMENT ON CONSTRAINT ration_warmth_is_at_most_half ON zoo.ration IS 'Warmth is at most 0.5.';
COMMENT ON CONSTRAINT ration_ingredients_are_1_to_8 ON zoo.ration
IS 'A ration has 1 to 8 ingredients.';
COMMENT ON CONSTRAINT ration_ingredients_are_all_there ON zoo.ration
IS 'No ingredient is missing.';
COMMENT ON CONSTRAINT ration_allergens_are_known ON zoo.ration
IS 'An allergen is nut, fish or straw.';
COMMENT ON CONSTRAINT ration_minutes_are_positive ON zoo.ration
IS 'A step takes at least a minute.';
COMMENT ON CONSTRAINT ration_minutes_are_3_at_most ON zoo.ration
IS 'A ration takes at most three steps.';
COMMENT ON CONSTRAINT ration_method_is_an_object ON zoo.ration IS 'A method is a JSON object.';
COMMENT ON CONSTRAINT ration_is_raw_or_cooked ON zoo.ration
IS 'A ration is either raw or has a temperature to cook it at.';
COMMENT ON CONSTRAINT ration_valid_from_is_in_this_century ON zoo.ration
IS 'A ration is valid from 2000-01-01 at the earliest.';
COMMENT ON CONSTRAINT ration_ends_after_it_begins ON zoo.ration
IS 'A ration is valid until the day it began or later.';

CREATE VIEW api.rations WITH (security_invoker = true) AS
SELECT
    r.id,
    r.title,
    r.code,
    r.slug,
    r.season,
    r.mood,
    r.supplier,
    r.servings,
    r.grams,
    r.energy,
    r.fat,
    r.price,
    r.spice,
    r.warmth,
    r.ingredients,
    r.allergens,
    r.minutes,
    r.method,
    r.raw,
    r.cooked_at_c,
    r.valid_from,
    r.valid_until
FROM zoo.ration AS r;
COMMENT ON VIEW api.rations IS 'What the kitchen can cook.';
GRANT SELECT,
INSERT (
    title, code, slug, season, mood, supplier, servings, grams, energy, fat, price, spice, warmth,
    ingredients, allergens, minutes, method, raw, cooked_at_c, valid_from, valid_until
),
UPDATE (
    title, code, slug, season, mood, supplier, servings, grams, energy, fat, price, spice, warmth,
    ingredients, allergens, minutes, method, raw, cooked_at_c, valid_from, valid_until
), DELETE
ON zoo.ration TO superbill_api;
GRANT SELECT,
INSERT (
    title, code, slug, season, mood, supplier, servings, grams, energy, fat, price, spice, warmth,
    ingredients, allergens, minutes, method, raw, cooked_at_c, valid_from, valid_until
),
UPDATE (
    title, code, slug, season, mood, supplier, servings, grams, energy, fat, price, spice, warmth,
    ingredients, allergens, minutes, method, raw, cooked_at_c, valid_from, valid_until
), DELETE
ON api.rations TO superbill_api;

-- Specimens: nothing is required but the label, so that each type can be tried alone.
CREATE TABLE zoo.specimen (
    id uuid NOT NULL DEFAULT uuidv7(),
    label varchar(20) NOT NULL,
    origin uuid,
    flag boolean,
    small smallint,
    medium integer,
    large bigint,
    fixed numeric(8, 2),
    coarse numeric(3, -2),
    free numeric,
    single real,
    double double precision,
    day date,
    clock time,
    clock_to_the_second time(0),
    local_moment timestamp,
    moment timestamptz,
    moment_to_the_second timestamptz (0),
    duration interval,
    picture bytea,
    sensor inet,
    grade char(3),
    status zoo.conservation_status,
    statuses zoo.conservation_status[],
    mass zoo.hand_luggage,
    masses zoo.kilogram[],
    words text[],
    counts integer[],
    readings numeric(6, 3)[],
    grid integer[],
    moments timestamptz[],
    paper json,
    traits jsonb,
    papers jsonb[],
    layers int4range,
    span daterange,
    heights numrange,
    keeper zoo.resident,
    CONSTRAINT specimen_pkey PRIMARY KEY (id),
    CONSTRAINT specimen_picture_is_small CHECK (octet_length(picture) <= 1024)
);
CREATE INDEX specimen_label_id_idx ON zoo.specimen (label, id);
CREATE INDEX specimen_origin_id_idx ON zoo.specimen (origin, id);
CREATE INDEX specimen_flag_id_idx ON zoo.specimen (flag, id);
CREATE INDEX specimen_large_id_idx ON zoo.specimen (large, id);
CREATE INDEX specimen_fixed_id_idx ON zoo.specimen (fixed, id);
CREATE INDEX specimen_double_id_idx ON zoo.specimen (double, id);
CREATE INDEX specimen_clock_id_idx ON zoo.specimen (clock, id);
CREATE INDEX specimen_moment_id_idx ON zoo.specimen (moment, id);
CREATE INDEX specimen_duration_id_idx ON zoo.specimen (duration, id);
CREATE INDEX specimen_sensor_id_idx ON zoo.specimen (sensor, id);
CREATE INDEX specimen_status_id_idx ON zoo.specimen (status, id);
CREATE INDEX specimen_layers_idx ON zoo.specimen USING gist (layers);
CREATE INDEX specimen_traits_idx ON zoo.specimen USING gin (traits);

COMMENT ON TABLE zoo.specimen IS 'Something in the cabinet.';
COMMENT ON COLUMN zoo.specimen.id IS 'Given by the database.';
COMMENT ON COLUMN zoo.specimen.label IS 'What stands on the jar: at most 20 characters.';
COMMENT ON COLUMN zoo.specimen.origin IS 'A uuid that refers to nothing.';
COMMENT ON COLUMN zoo.specimen.flag IS 'A boolean.';
COMMENT ON COLUMN zoo.specimen.small IS 'A smallint.';
COMMENT ON COLUMN zoo.specimen.medium IS 'An integer.';
COMMENT ON COLUMN zoo.specimen.large IS 'A bigint.';
COMMENT ON COLUMN zoo.specimen.fixed IS 'A numeric(8,2).';
COMMENT ON COLUMN zoo.specimen.coarse IS 'A numeric(3,-2): hundreds, up to 99900.';
COMMENT ON COLUMN zoo.specimen.free IS 'A numeric without precision.';
COMMENT ON COLUMN zoo.specimen.single IS 'A real.';
COMMENT ON COLUMN zoo.specimen.double IS 'A double precision.';
COMMENT ON COLUMN zoo.specimen.day IS 'A date.';
COMMENT ON COLUMN zoo.specimen.clock IS 'A time.';
COMMENT ON COLUMN zoo.specimen.clock_to_the_second IS 'A time(0).';
COMMENT ON COLUMN zoo.specimen.local_moment IS 'A timestamp without time zone.';
COMMENT ON COLUMN zoo.specimen.moment IS 'A timestamptz.';
COMMENT ON COLUMN zoo.specimen.moment_to_the_second IS 'A timestamptz(0).';
COMMENT ON COLUMN zoo.specimen.duration IS 'An interval.';
COMMENT ON COLUMN zoo.specimen.picture IS 'A bytea.';
COMMENT ON COLUMN zoo.specimen.sensor IS 'An inet.';
COMMENT ON COLUMN zoo.specimen.grade IS 'A char(3): padded with spaces.';
COMMENT ON COLUMN zoo.specimen.status IS 'An enum.';
COMMENT ON COLUMN zoo.specimen.statuses IS 'An array of an enum.';
COMMENT ON COLUMN zoo.specimen.mass IS 'A domain over a domain over numeric.';
COMMENT ON COLUMN zoo.specimen.masses IS 'An array of a domain.';
COMMENT ON COLUMN zoo.specimen.words IS 'An array of text.';
COMMENT ON COLUMN zoo.specimen.counts IS 'An array of integers.';
COMMENT ON COLUMN zoo.specimen.readings IS 'An array of numeric(6,3).';
COMMENT ON COLUMN zoo.specimen.grid IS 'An array of integers that is used with two dimensions.';
COMMENT ON COLUMN zoo.specimen.moments IS 'An array of timestamptz.';
COMMENT ON COLUMN zoo.specimen.paper IS 'A json: any JSON value, kept letter by letter.';
COMMENT ON COLUMN zoo.specimen.traits IS 'A jsonb: any JSON value.';
COMMENT ON COLUMN zoo.specimen.papers IS 'An array of jsonb.';
COMMENT ON COLUMN zoo.specimen.layers IS 'An int4range.';
COMMENT ON COLUMN zoo.specimen.span IS 'A daterange without an index.';
COMMENT ON COLUMN zoo.specimen.heights IS 'A numrange.';
COMMENT ON COLUMN zoo.specimen.keeper IS 'A composite type.';
COMMENT ON CONSTRAINT specimen_pkey ON zoo.specimen IS 'A specimen has an id of its own.';
COMMENT ON CONSTRAINT specimen_picture_is_small ON zoo.specimen
IS 'A picture has at most 1024 bytes.';

CREATE VIEW api.specimens WITH (security_invoker = true) AS
SELECT
    s.id,
    s.label,
    s.origin,
    s.flag,
    s.small,
    s.medium,
    s.large,
    s.fixed,
    s.coarse,
    s.free,
    s.single,
    s.double,
    s.day,
    s.clock,
    s.clock_to_the_second,
    s.local_moment,
    s.moment,
    s.moment_to_the_second,
    s.duration,
    s.picture,
    s.sensor,
    s.grade,
    s.status,
    s.statuses,
    s.mass,
    s.masses,
    s.words,
    s.counts,
    s.readings,
    s.grid,
    s.moments,
    s.paper,
    s.traits,
    s.papers,
    s.layers,
    s.span,
    s.heights,
    s.keeper
FROM zoo.specimen AS s;
COMMENT ON VIEW api.specimens IS 'The cabinet: a column of every type.';

-- Granted whole, on purpose: a grant on a relation is a grant on each of its columns, its key too.
GRANT SELECT, INSERT, UPDATE, DELETE ON zoo.specimen TO superbill_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON api.specimens TO superbill_api;
