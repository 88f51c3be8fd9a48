-- Requests that are sent again are done once.
-- depends: 0009.careful

CREATE TABLE identity.answer (
    estate text NOT NULL DEFAULT zoo.estate(),
    actor text NOT NULL DEFAULT current_setting('request.actor', true),
    key text NOT NULL,
    fingerprint text NOT NULL,
    body text,
    location text,
    kept_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answer_pkey PRIMARY KEY (estate, actor, key)
);
COMMENT ON TABLE identity.answer IS 'Answers to writes with an Idempotency-Key.';
COMMENT ON COLUMN identity.answer.estate IS 'For which estate.';
COMMENT ON COLUMN identity.answer.actor IS 'To whom.';
COMMENT ON COLUMN identity.answer.key IS 'The client''s key.';
COMMENT ON COLUMN identity.answer.fingerprint IS 'A digest of the request.';
COMMENT ON COLUMN identity.answer.body IS 'The body of the answer.';
COMMENT ON COLUMN identity.answer.location IS 'The key of the new row.';
COMMENT ON COLUMN identity.answer.kept_at IS 'Since when.';
COMMENT ON CONSTRAINT answer_pkey ON identity.answer IS 'A caller uses a key once.';
ALTER TABLE identity.answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON identity.answer USING (
    estate = (SELECT zoo.estate()) AND actor = (SELECT current_setting('request.actor', true))
);
GRANT SELECT (key, fingerprint, body, location), INSERT (key, fingerprint, body, location)
ON identity.answer TO superbill_api;

COMMENT ON VIEW api.doses IS
'The drugs, by strength.
If-Match: required
Idempotency-Key: required';
