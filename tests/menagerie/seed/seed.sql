-- A few rows of each relation, with keys that tests may name. Run once, by the owner, after the
-- migrations. It stands in a folder of its own because yoyo takes every .sql beside the migrations
-- for one. Generated keys that come after it: keepers and loans from 100, lockers from 100.

INSERT INTO zoo.species (code, common_name, latin_name, status, adult_mass) VALUES
('LEO', 'Lion', 'Panthera leo', 'vulnerable', 190.00),
('TIG', 'Tiger', 'Panthera tigris', 'endangered', 220.50),
('ORYX', 'Scimitar oryx', 'Oryx dammah', 'extinct in the wild', 180.00),
('TARDI', 'Water bear', 'Milnesium tardigradum', 'unknown, not assessed', null),
('ELE', 'Elephant', 'Loxodonta africana', 'endangered', 6000.00),
('PCT', '100% wool_sheep\', 'Ovis aries', 'least concern', 80.00);

INSERT INTO zoo.enclosure (house, number, climate, length_m, width_m, cleaned_on) VALUES
('Savanna', 1, 'tropical', 40.00, 25.50, '2024-03-01'),
('Savanna', 2, 'tropical', 30.00, 20.00, null),
('Katzen, groß/klein', 1, 'temperate', 12.50, 8.00, '2024-02-29'),
('100% "dry" house?', 7, 'desert', 10.00, 10.00, null),
('極地 & ice; a=b+c', 3, 'polar', 9.99, 3.33, '2024-03-02'),
('a..b%2Fc\', 1, DEFAULT, 2.00, 1.00, null);

INSERT INTO zoo.keeper (
    id, name, initials, email, hired_on, chief_id, languages, active, home_address
) OVERRIDING SYSTEM VALUE VALUES
(1, 'Ada Aardvark', 'AA', 'ada@zoo.example', '2010-01-01', null, '{en,de}', true, 'Secret Lane 1'),
(2, 'Bo Badger', 'BB', 'bo@zoo.example', '2015-06-30', 1, '{}', true, 'Secret Lane 2'),
(3, 'Cy Camel', 'CC', 'cy@zoo.example', '2020-02-29', 1, '{fr,"a, b"}', false, null),
(4, 'Di Dingo', 'DD', 'di@zoo.example', '2020-02-29', 2, '{日本語}', true, null);
ALTER TABLE zoo.keeper ALTER COLUMN id RESTART WITH 100;

INSERT INTO zoo.locker (id, keeper_id, corridor, combination) VALUES
(1, 1, 1, '11-22-33'),
(2, 2, 3, null);
ALTER TABLE zoo.locker ALTER COLUMN id RESTART WITH 100;

INSERT INTO zoo.animal (
    id, name, species_code, house, enclosure_number, mother_id, born_on, died_on, mass, marks, chip
) VALUES
(
    '00000000-0000-7000-8000-000000000001', 'Nala', 'LEO', 'Savanna', 1,
    null, '2012-05-01', null, 131.25, '{scar,"torn, left ear"}', '276000000000001'
),
(
    '00000000-0000-7000-8000-000000000002', 'Kiara', 'LEO', 'Savanna', 1,
    '00000000-0000-7000-8000-000000000001', '2018-08-08', null, 90, '{}', null
),
(
    '00000000-0000-7000-8000-000000000003', 'Kovu', 'LEO', 'Savanna', 1,
    '00000000-0000-7000-8000-000000000001', '2019-08-08', '2023-01-31', 150.125, '{mane}', null
),
(
    '00000000-0000-7000-8000-000000000004', 'Rajah', 'TIG', 'Katzen, groß/klein', 1,
    null, '2016-11-25', null, 210.0000000000000000001, '{}', '276000000000004'
),
(
    '00000000-0000-7000-8000-000000000005', 'Kala', 'ELE', 'Savanna', 2,
    null, '1990-01-01', null, 5400, '{"tusk \"short\""}', null
),
(
    '00000000-0000-7000-8000-000000000006', 'Ťardi/6, the "small"', 'TARDI', '極地 & ice; a=b+c', 3,
    null, '2024-01-01', null, 0.0000000001, '{}', null
);

INSERT INTO zoo.feeding (
    id, animal_id, prepared_by, served_by, served_at, food, amount, portions, note
) VALUES
(
    '00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000001',
    1, 2, '2024-03-01 08:00:00+00', 'beef', 5.50, 1, null
),
(
    '00000000-0000-7000-8000-000000000102', '00000000-0000-7000-8000-000000000001',
    2, null, '2024-03-02 08:00:00.123456+00', 'beef', 6.00, 2, 'By the machine.'
),
(
    '00000000-0000-7000-8000-000000000103', '00000000-0000-7000-8000-000000000002',
    2, 2, '2024-03-02 08:00:00.123456+00', 'beef', 4.00, 1, null
),
(
    '00000000-0000-7000-8000-000000000104', '00000000-0000-7000-8000-000000000005',
    1, 4, '2024-03-02 09:30:00+00', 'hay, sweet', 150.00, 10, 'Wanted more.'
);

INSERT INTO zoo.shift (id, keeper_id, period) VALUES
(
    '00000000-0000-7000-8000-000000000201', 1,
    '[2024-03-01 06:00:00+00,2024-03-01 14:00:00+00)'
),
(
    '00000000-0000-7000-8000-000000000202', 1,
    '[2024-03-01 14:00:00+00,2024-03-01 16:00:00+00)'
),
('00000000-0000-7000-8000-000000000203', 2, '[2024-03-01 06:00:00+00,)');

INSERT INTO zoo.loan (
    id, animal_id, during, ages, partner, daily_fee
) OVERRIDING SYSTEM VALUE VALUES
(
    1, '00000000-0000-7000-8000-000000000004', '[2024-01-01,2024-02-01)', '[6,)',
    'Tierpark "Nord"', 120.00
),
(2, '00000000-0000-7000-8000-000000000004', '[2024-03-01,)', null, 'Zoo du Sud', 0.05),
(3, '00000000-0000-7000-8000-000000000005', '[2024-01-15,2024-06-01)', '[3,99]', 'Zoo du Sud', 0);
ALTER TABLE zoo.loan ALTER COLUMN id RESTART WITH 100;

INSERT INTO zoo.ration (
    id, title, code, slug, season, mood, supplier, servings, grams, energy, fat, price, spice,
    warmth, ingredients, allergens, minutes, method, raw, cooked_at_c, valid_from, valid_until
) VALUES
(
    '00000000-0000-7000-8000-000000000301', 'Meat loaf', 'R-001', 'meat-loaf', 'winter', 'good',
    'Z-Meats', 4, 250, 512.50, 0.2500, 3.14159265358979323846, 0.5,
    0.25, '{beef,egg}', '{nut}', '{10,45}', '{"oven": "top", "n": 1.10}', false, 180,
    '2024-01-01', '2024-12-31'
),
(
    '00000000-0000-7000-8000-000000000302', 'Hay', 'R-002', 'hay', 'all year', null,
    null, 20, 5000, 9999.99, null, null, null,
    null, '{hay}', null, null, '{}', true, null, null, null
);

INSERT INTO zoo.specimen (
    id, label, origin, flag, small, medium, large, fixed, coarse, free, single, double, day, clock,
    clock_to_the_second, local_moment, moment, moment_to_the_second, duration, picture, sensor,
    grade, status, statuses, mass, masses, words, counts, readings, grid, moments, paper, traits,
    papers, layers, span, heights, keeper
) VALUES
(
    '00000000-0000-7000-8000-000000000401', 'everything',
    'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', true, -32768, 2147483647, 9007199254740993,
    123456.78, 1200, 0.1000, 1.5, 0.1, '2024-02-29', '23:59:59.5',
    '12:00:00', '2024-02-29 12:00:00', '2024-02-29 12:00:00.000001+00', '2024-02-29 12:00:00+00',
    '1 year 2 days 03:04:05', '\xdeadbeef', '192.168.0.1/24',
    'A', 'unknown, not assessed', '{vulnerable,"unknown, not assessed"}', 24.99, '{1.00,2.50}',
    '{a,"b, c",NULL,""}', '{1,NULL,-3}', '{0.001,999.999}', '{{1,2},{3,4}}',
    '{"2024-02-29 12:00:00+00"}', '{"b": 1,  "a": 1.0, "a": 2}', '["x", {"y": null}]',
    '{"1","null","{\"z\": 2}"}', '[1,10)', 'empty', '(0.5,1.5]',
    ROW('00000000-0000-7000-8000-000000000001', 'Nala', '2012-05-01', 131.25)
),
(
    '00000000-0000-7000-8000-000000000402', 'nothing',
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null
),
(
    '00000000-0000-7000-8000-000000000403', 'extremes',
    null, false, 32767, -2147483648, -9223372036854775808,
    -999999.99, -99900, 1e30, 'Infinity', 'NaN', '-infinity', '00:00:00',
    '24:00:00', 'infinity', '0044-03-15 12:00:00+00 BC', '9999-12-31 23:59:59+00',
    '-00:00:01', '\x', '::1',
    '', 'least concern', '{}', 0.01, '{}',
    '{}', '{}', '{}', '{}',
    '{}', 'null', 'null',
    '{}', '(,)', '[2024-02-29,2024-02-29]', '[0,0]',
    null
);

INSERT INTO zoo.tour (id, guide_id, place, title) VALUES
('00000000-0000-7000-8000-000000000501', 1, 1, 'Cats'),
('00000000-0000-7000-8000-000000000502', 2, 2, 'Dogs');

INSERT INTO zoo.sighting (id, house, enclosure_number, seen_at, what) VALUES
(
    '00000000-0000-7000-8000-000000000601', 'Savanna', 1, '2024-03-01 10:00:00+00', 'A yawn.'
);

INSERT INTO zoo.exhibit (id, title, hidden) VALUES
('00000000-0000-7000-8000-000000000701', 'Skeleton of a whale', false),
('00000000-0000-7000-8000-000000000702', 'What the whale ate', true);

INSERT INTO zoo.donation (id, amount, currency) VALUES
('00000000-0000-7000-8000-000000000801', 10.00, 'EUR'),
('00000000-0000-7000-8000-000000000802', 1000.01, 'USD');

INSERT INTO zoo.sign (no, txt, replaces) VALUES
(1, 'do not feed', null),
(2, 'please do not feed', 1),
(3, 'exit', null);

INSERT INTO zoo.notice (id, body, pinned) VALUES
('00000000-0000-7000-8000-000000000901', 'The lion is out.', true);

INSERT INTO zoo.dose (strength, drug, spare, lost, steps, price, weight) VALUES
(2.50, 'Ketamin', 0.5, 0.250, ARRAY[1.0, 1.5], 19.90, 0.1),
(100, 'Ästhesin', 2.50, null, null, null, null),
(0.125, 'aesculin', 0, 0, '{}', 0.5, 1e10),
(4, 'asthesin', 0, null, null, null, null);

INSERT INTO zoo.footfall (day, gate, visitors) VALUES
('2024-03-01', 'north', 1200),
('2024-03-01', 'north', 1200);

-- noqa: disable=RF05
INSERT INTO zoo."Odd ""Thing""" (
    "Key Part", "order", "select", "with space", "100%", "a.b", "a/b~c", "it's", "say ""x""",
    "Größe", "camelCase", "$1:x"
) VALUES
('plain', 1, 'x', 'y', 99.50, 'dot', 'slash', 'prefix one', 'hello', 180, true, ':n $1 %s %(a)s'),
('a/b, "c" ü?&=#%25', 2, 'x', 'z', null, null, null, 'prefix_two', null, null, false, null),
(' ', 2, null, '', 0.00, '', '', '', '', 0, false, '');

INSERT INTO zoo."Odd Child" ("of what?") VALUES
('a/b, "c" ü?&=#%25'),
('plain');

INSERT INTO zoo.lodge (estate, id, name, beds, opened, rate) VALUES
('home', '00000000-0000-7000-8000-000000000a01', 'Heron', 4, '2020-05-01', 80.00),
('home', '00000000-0000-7000-8000-000000000a02', 'Otter', 2, null, null),
('away', '00000000-0000-7000-8000-000000000a03', 'Heron', 3, '2021-05-01', 90.00);

INSERT INTO zoo.guest (estate, id, lodge_id, species_code, family) VALUES
(
    'home', '00000000-0000-7000-8000-000000000b01',
    '00000000-0000-7000-8000-000000000a01', null, 'Ann'
),
(
    'away', '00000000-0000-7000-8000-000000000b02',
    '00000000-0000-7000-8000-000000000a03', null, 'Canary'
);

INSERT INTO zoo.expedition (id, title, begun_on) VALUES
('00000000-0000-7000-8000-000000000e01', 'Serengeti', '2024-06-01');

INSERT INTO zoo.stage (expedition_id, number, place) VALUES
('00000000-0000-7000-8000-000000000e01', 1, 'Arusha');

INSERT INTO zoo.find (id, expedition_id, stage, what) VALUES
('00000000-0000-7000-8000-000000000f01', '00000000-0000-7000-8000-000000000e01', 1, 'a tooth');
