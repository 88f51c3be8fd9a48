-- depends: 0043.fast_balances
--
-- To whom a clinic sends its claims as files: a clearinghouse, or a payer itself. Each of the two
-- has an id by which the other knows it, and says of which kind that is. Lengths are those of the
-- fields of X12 that hold them: an id stands in the first line of a file, which has 15 places for
-- it.
--
-- A trading partner is one for tests until its usage indicator says that it is not: what is sent
-- before that pays nothing.

CREATE TABLE billing.trading_partner (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    receiver_qualifier text COLLATE "C" DEFAULT 'ZZ' NOT NULL,
    receiver_id text COLLATE "C" NOT NULL,
    sender_qualifier text COLLATE "C" DEFAULT 'ZZ' NOT NULL,
    sender_id text COLLATE "C" NOT NULL,
    contact_name text NOT NULL,
    contact_phone text COLLATE "C" NOT NULL,
    usage_indicator text COLLATE "C" DEFAULT 'T' NOT NULL,
    CONSTRAINT trading_partner_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT trading_partner_clinic_id_fkey
    FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
    CONSTRAINT trading_partner_name_is_one_line CHECK (
        name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT trading_partner_name_has_at_most_60_characters CHECK (char_length(name) <= 60),
    CONSTRAINT trading_partner_name_is_written_in_latin CHECK (name ~ '[A-Za-z0-9]'),
    CONSTRAINT trading_partner_contact_name_is_one_line CHECK (
        contact_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT trading_partner_contact_name_has_at_most_60_characters CHECK (
        char_length(contact_name) <= 60
    ),
    CONSTRAINT trading_partner_contact_name_is_written_in_latin CHECK (
        contact_name ~ '[A-Za-z0-9]'
    ),
    CONSTRAINT trading_partner_receiver_qualifier_is_known CHECK (
        receiver_qualifier IN ('01', '14', '20', '27', '28', '29', '30', '33', 'ZZ')
    ),
    CONSTRAINT trading_partner_receiver_id_has_no_separators CHECK (
        receiver_id ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'
    ),
    CONSTRAINT trading_partner_receiver_id_has_at_least_2_characters CHECK (
        char_length(receiver_id) >= 2
    ),
    CONSTRAINT trading_partner_receiver_id_has_at_most_15_characters CHECK (
        char_length(receiver_id) <= 15
    ),
    CONSTRAINT trading_partner_sender_qualifier_is_known CHECK (
        sender_qualifier IN ('01', '14', '20', '27', '28', '29', '30', '33', 'ZZ')
    ),
    CONSTRAINT trading_partner_sender_id_has_no_separators CHECK (
        sender_id ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'
    ),
    CONSTRAINT trading_partner_sender_id_has_at_least_2_characters CHECK (
        char_length(sender_id) >= 2
    ),
    CONSTRAINT trading_partner_sender_id_has_at_most_15_characters CHECK (
        char_length(sender_id) <= 15
    ),
    CONSTRAINT trading_partner_contact_phone_has_ten_digits CHECK (
        contact_phone ~ '^[2-9][0-9]{9}$'
    ),
    CONSTRAINT trading_partner_usage_indicator_is_known CHECK (usage_indicator IN ('P', 'T'))
);

COMMENT ON TABLE billing.trading_partner IS
'To whom claims are sent as files: clearinghouses, and payers that take them.';

COMMENT ON COLUMN billing.trading_partner.clinic_id IS
'The clinic that sends them claims.';

COMMENT ON COLUMN billing.trading_partner.id IS
'Identifies the trading partner; later ones have greater ids.';

COMMENT ON COLUMN billing.trading_partner.name IS
'Who receives the files.
Example: Example Clearinghouse';

COMMENT ON COLUMN billing.trading_partner.receiver_qualifier IS
'What kind of id the receiver''s is (ISA07). ZZ: agreed with the receiver; 30: a tax id; 01: a '
'D-U-N-S number; and others.';

COMMENT ON COLUMN billing.trading_partner.receiver_id IS
'The receiver''s id (ISA08, GS03).
Example: CLEARING01';

COMMENT ON COLUMN billing.trading_partner.sender_qualifier IS
'What kind of id the clinic''s is (ISA05).';

COMMENT ON COLUMN billing.trading_partner.sender_id IS
'The clinic''s id with the receiver (ISA06, GS02).
Example: CLINIC0042';

COMMENT ON COLUMN billing.trading_partner.contact_name IS
'Whom the receiver asks about a file.
Example: Grace Kim';

COMMENT ON COLUMN billing.trading_partner.contact_phone IS
'The contact''s telephone number, with the area code.
Example: 2065550100';

COMMENT ON COLUMN billing.trading_partner.usage_indicator IS
'T: the files are tests, which pay nothing; P: they are claims (ISA15).';

COMMENT ON CONSTRAINT trading_partner_pkey ON billing.trading_partner IS
'A trading partner''s id belongs to one trading partner only.';

COMMENT ON CONSTRAINT trading_partner_clinic_id_fkey ON billing.trading_partner IS
'A trading partner must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT trading_partner_name_is_one_line ON billing.trading_partner IS
'A trading partner''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_name_has_at_most_60_characters ON billing.trading_partner IS
'A trading partner''s name must have at most 60 characters.';

COMMENT ON CONSTRAINT trading_partner_name_is_written_in_latin ON billing.trading_partner IS
'A trading partner''s name must have a letter from A to Z, or a digit.';

COMMENT ON CONSTRAINT trading_partner_contact_name_is_one_line ON billing.trading_partner IS
'A contact''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_contact_name_has_at_most_60_characters
ON billing.trading_partner IS
'A contact''s name must have at most 60 characters.';

COMMENT ON CONSTRAINT trading_partner_contact_name_is_written_in_latin
ON billing.trading_partner IS
'A contact''s name must have a letter from A to Z, or a digit.';

COMMENT ON CONSTRAINT trading_partner_receiver_qualifier_is_known ON billing.trading_partner IS
'A receiver qualifier must be 01, 14, 20, 27, 28, 29, 30, 33 or ZZ.';

COMMENT ON CONSTRAINT trading_partner_receiver_id_has_no_separators ON billing.trading_partner IS
'A receiver id must have neither accents nor the signs * : ^ | ~, which separate the fields of a '
'claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_receiver_id_has_at_least_2_characters
ON billing.trading_partner IS
'A receiver id must have at least 2 characters.';

COMMENT ON CONSTRAINT trading_partner_receiver_id_has_at_most_15_characters
ON billing.trading_partner IS
'A receiver id must have at most 15 characters.';

COMMENT ON CONSTRAINT trading_partner_sender_qualifier_is_known ON billing.trading_partner IS
'A sender qualifier must be 01, 14, 20, 27, 28, 29, 30, 33 or ZZ.';

COMMENT ON CONSTRAINT trading_partner_sender_id_has_no_separators ON billing.trading_partner IS
'A sender id must have neither accents nor the signs * : ^ | ~, which separate the fields of a '
'claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_sender_id_has_at_least_2_characters
ON billing.trading_partner IS
'A sender id must have at least 2 characters.';

COMMENT ON CONSTRAINT trading_partner_sender_id_has_at_most_15_characters
ON billing.trading_partner IS
'A sender id must have at most 15 characters.';

COMMENT ON CONSTRAINT trading_partner_contact_phone_has_ten_digits ON billing.trading_partner IS
'A contact''s phone must be ten digits and nothing else, the first of them 2 to 9.';

COMMENT ON CONSTRAINT trading_partner_usage_indicator_is_known ON billing.trading_partner IS
'A usage indicator must be P or T.';

CREATE POLICY own ON billing.trading_partner USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.trading_partner IS
'A session sees and changes the trading partners of its own clinic.';

ALTER TABLE billing.trading_partner ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.trading_partners WITH (security_invoker = true) AS
SELECT
    p.id,
    p.name,
    p.receiver_qualifier,
    p.receiver_id,
    p.sender_qualifier,
    p.sender_id,
    p.contact_name,
    p.contact_phone,
    p.usage_indicator
FROM billing.trading_partner AS p;

COMMENT ON VIEW api.trading_partners IS
'To whom claims are sent as files: clearinghouses, and payers that take them.';

-- Not granted: DELETE, because interchanges name the trading partner; writing id, which the
-- database gives; and writing to billers: what is agreed with a trading partner is the admin's.
GRANT
SELECT (
    id, name, receiver_qualifier, receiver_id, sender_qualifier, sender_id, contact_name,
    contact_phone, usage_indicator
)
ON billing.trading_partner TO
superbill_api, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.trading_partners TO
superbill_api, superbill_biller, superbill_auditor, superbill_admin;

GRANT
INSERT (
    name, receiver_qualifier, receiver_id, sender_qualifier, sender_id, contact_name,
    contact_phone, usage_indicator
),
UPDATE (
    name, receiver_qualifier, receiver_id, sender_qualifier, sender_id, contact_name,
    contact_phone, usage_indicator
)
ON billing.trading_partner, api.trading_partners TO
superbill_api, superbill_admin;

SELECT audit.watch('billing.trading_partner');
