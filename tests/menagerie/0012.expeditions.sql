-- squawk-ignore-file prefer-bigint-over-smallint
-- The expeditions: an expedition, its stages and what was found there come in one request.
-- depends: 0011.memory

CREATE TABLE zoo.expedition (
    id uuid NOT NULL DEFAULT uuidv7(),
    title text NOT NULL,
    begun_on date NOT NULL DEFAULT '2024-06-01',
    CONSTRAINT expedition_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE zoo.expedition IS 'Journeys of the zoo.';
COMMENT ON COLUMN zoo.expedition.id IS 'Identifies the expedition.';
COMMENT ON COLUMN zoo.expedition.title IS 'What it is called.';
COMMENT ON COLUMN zoo.expedition.begun_on IS 'Its first day.';
COMMENT ON CONSTRAINT expedition_pkey ON zoo.expedition IS
'There is an expedition with this id.';

-- The client numbers the stages: the key is composite, and chosen.
CREATE TABLE zoo.stage (
    expedition_id uuid NOT NULL,
    number smallint NOT NULL,
    place text NOT NULL,
    CONSTRAINT stage_pkey PRIMARY KEY (expedition_id, number),
    CONSTRAINT stage_expedition_id_fkey FOREIGN KEY (expedition_id) REFERENCES zoo.expedition (id),
    CONSTRAINT stage_number_is_positive CHECK (number > 0)
);
COMMENT ON TABLE zoo.stage IS 'Parts of an expedition.';
COMMENT ON COLUMN zoo.stage.expedition_id IS 'Of which expedition.';
COMMENT ON COLUMN zoo.stage.number IS 'Which part.';
COMMENT ON COLUMN zoo.stage.place IS 'Where it led.';
COMMENT ON CONSTRAINT stage_pkey ON zoo.stage IS
'Another stage of the expedition has this number.';
COMMENT ON CONSTRAINT stage_expedition_id_fkey ON zoo.stage IS
'There is no such expedition.';
COMMENT ON CONSTRAINT stage_number_is_positive ON zoo.stage IS 'Stages are numbered from 1.';

-- A find names a stage of its own expedition: a sibling in one body. Its name comes before it.
CREATE TABLE zoo.find (
    id uuid NOT NULL DEFAULT uuidv7(),
    expedition_id uuid NOT NULL,
    stage smallint,
    what text NOT NULL,
    found_on date,
    CONSTRAINT find_pkey PRIMARY KEY (id),
    CONSTRAINT find_expedition_id_fkey FOREIGN KEY (expedition_id) REFERENCES zoo.expedition (id),
    CONSTRAINT find_stage_fkey
    FOREIGN KEY (expedition_id, stage) REFERENCES zoo.stage (expedition_id, number)
);
CREATE INDEX find_expedition_id_stage_id_idx ON zoo.find (expedition_id, stage, id);
CREATE INDEX find_expedition_id_id_idx ON zoo.find (expedition_id, id);
COMMENT ON TABLE zoo.find IS 'What an expedition has found.';
COMMENT ON COLUMN zoo.find.id IS 'Identifies the find.';
COMMENT ON COLUMN zoo.find.expedition_id IS 'Which expedition found it.';
COMMENT ON COLUMN zoo.find.stage IS 'At which of its stages.';
COMMENT ON COLUMN zoo.find.what IS 'What it is.';
COMMENT ON COLUMN zoo.find.found_on IS
'When: as many days after the first as there are stages so far.';
COMMENT ON CONSTRAINT find_pkey ON zoo.find IS 'There is a find with this id.';
COMMENT ON CONSTRAINT find_expedition_id_fkey ON zoo.find IS 'There is no such expedition.';
COMMENT ON CONSTRAINT find_stage_fkey ON zoo.find IS 'The expedition has no such stage.';

-- It reads the row above and the stages, and leaves out what is no find.
CREATE FUNCTION zoo.date_find() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NEW.what = 'fool''s gold' THEN
        RETURN NULL;
    END IF;
    NEW.found_on := (SELECT e.begun_on FROM zoo.expedition AS e WHERE e.id = NEW.expedition_id)
        + (SELECT count(*)::integer FROM zoo.stage AS s WHERE s.expedition_id = NEW.expedition_id);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION zoo.date_find() IS 'Says when something was found.';
REVOKE ALL ON FUNCTION zoo.date_find() FROM public;
CREATE TRIGGER date_find BEFORE INSERT ON zoo.find FOR EACH ROW EXECUTE FUNCTION zoo.date_find();
COMMENT ON TRIGGER date_find ON zoo.find IS 'Fool''s gold is no find.
Fills: found_on';

CREATE VIEW api.expeditions WITH (security_invoker = true) AS
SELECT
    e.id,
    e.title,
    e.begun_on
FROM zoo.expedition AS e;
CREATE VIEW api.stages WITH (security_invoker = true) AS
SELECT
    s.expedition_id,
    s.number,
    s.place
FROM zoo.stage AS s;
CREATE VIEW api.finds WITH (security_invoker = true) AS
SELECT
    f.id,
    f.expedition_id,
    f.stage,
    f.what,
    f.found_on
FROM zoo.find AS f;
COMMENT ON VIEW api.expeditions IS 'The zoo''s own journeys.';
COMMENT ON VIEW api.stages IS 'Their parts.';
COMMENT ON VIEW api.finds IS 'What they found.';
GRANT SELECT (id, title, begun_on), INSERT (title, begun_on) ON zoo.expedition TO superbill_api;
GRANT SELECT, INSERT (title, begun_on) ON api.expeditions TO superbill_api;
GRANT SELECT (expedition_id, number, place), INSERT (expedition_id, number, place)
ON zoo.stage TO superbill_api;
GRANT SELECT, INSERT (expedition_id, number, place) ON api.stages TO superbill_api;
GRANT SELECT (id, expedition_id, stage, what, found_on), INSERT (expedition_id, stage, what)
ON zoo.find TO superbill_api;
GRANT SELECT, INSERT (expedition_id, stage, what) ON api.finds TO superbill_api;
