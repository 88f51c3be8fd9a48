-- depends: 0044.trading_partner
--
-- Claims that are sent as a file: an interchange holds the claims of one POST, for one receiver,
-- and a submission is the row of a claim in it.
--
-- What the file says is copied when the interchange is made, into content: a name, a fee or an
-- address that is changed later changes no file that was sent. It is one jsonb and no rows, because
-- all of it is read at once and nothing of it is ever changed. The file itself is made of it by a
-- template, so the layout of X12 is no matter of the schema.
--
-- All that a receiver would refuse is told at once, for each claim at its place among claim_ids: so
-- the claims are an array and no rows of their own, which would be refused one by one. The rules
-- without effect are those that the making of an interchange checks.
--
-- A claim that the receiver has rejected can be sent again, once its submission says so.

CREATE TABLE billing.interchange (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    trading_partner_id uuid NOT NULL,
    claim_ids uuid[] NOT NULL,
    control_number bigint NOT NULL,
    created_at timestamptz DEFAULT current_timestamp NOT NULL,
    content jsonb NOT NULL,
    CONSTRAINT interchange_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT interchange_control_number_key UNIQUE (clinic_id, control_number),
    CONSTRAINT interchange_trading_partner_id_fkey
    FOREIGN KEY (clinic_id, trading_partner_id) REFERENCES billing.trading_partner (clinic_id, id),
    CONSTRAINT interchange_claims_are_at_least_1 CHECK (cardinality(claim_ids) >= 1),
    CONSTRAINT interchange_claims_are_at_most_100 CHECK (cardinality(claim_ids) <= 100),
    CONSTRAINT interchange_control_number_has_at_most_9_digits CHECK (control_number <= 999999999),
    CONSTRAINT interchange_claims_are_on_record CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_are_there_once CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_are_sent_once CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_still_count CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_are_for_two_payers CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_have_a_first_payer CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_are_answered_first CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_to_medicare_are_first CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_claims_are_not_too_high CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_practice_is_on_record CHECK (true),
    CONSTRAINT interchange_practice_has_an_npi CHECK (true),
    CONSTRAINT interchange_practice_has_a_tax_id CHECK (true),
    CONSTRAINT interchange_practice_has_an_address CHECK (true),
    CONSTRAINT interchange_patients_have_a_birth_date CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_patients_are_born CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_patients_have_a_sex CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_patients_have_an_address CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_subscribers_have_a_first_name CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_payers_have_a_number CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_diagnoses_have_a_first CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_line_items_are_there CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_line_items_have_a_pointer CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_accidents_are_complete CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_names_can_be_written CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_states_are_known CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_numbers_are_long_enough CHECK (num_nulls(claim_ids) = 0 OR true),
    CONSTRAINT interchange_numbers_have_no_separators CHECK (num_nulls(claim_ids) = 0 OR true)
);

CREATE INDEX interchange_trading_partner_id_id_idx
ON billing.interchange (clinic_id, trading_partner_id, id);

CREATE INDEX interchange_created_at_id_idx ON billing.interchange (clinic_id, created_at, id);

COMMENT ON TABLE billing.interchange IS
'Files of claims: which were sent to whom, and all that the file says.';

COMMENT ON COLUMN billing.interchange.clinic_id IS
'The clinic that claims.';

COMMENT ON COLUMN billing.interchange.id IS
'Identifies the interchange; later ones have greater ids.';

COMMENT ON COLUMN billing.interchange.trading_partner_id IS
'To whom it is sent.';

COMMENT ON COLUMN billing.interchange.claim_ids IS
'The claims that it sends, in the order of the file: up to 100.
Example: ["01a2299f-500c-72ec-915a-8e6ead5eff3e"]';

COMMENT ON COLUMN billing.interchange.control_number IS
'Its number among those of the clinic, which the receiver''s answer quotes (ISA13, GS06, ST02).
Example: 42';

COMMENT ON COLUMN billing.interchange.created_at IS
'When it was made.';

COMMENT ON COLUMN billing.interchange.content IS
'What the file says, as it was when the interchange was made: practice, subscribers, and their '
'claims with line items. The file itself is this row as application/edi-x12.
Example: {"made_at":"2026-11-29T16:02:06","usage_indicator":"P","sender":{"qualifier":"ZZ",'
'"id":"CLINIC0042","name":"Example Family Medicine","contact_name":"Grace Kim",'
'"contact_phone":"2065550100"},"receiver":{"qualifier":"ZZ","id":"CLEARING01",'
'"name":"Example Clearinghouse"},"practice":{"name":"Example Family Medicine","npi":"1234567893",'
'"tax_id":"911234567","tax_id_type":"EIN","address_line_1":"1 Main Street","address_line_2":null,'
'"city":"Seattle","state":"WA","postal_code":"981010001","phone":"2065550100",'
'"taxonomy_code":"207Q00000X"},"subscribers":[{"level":2,"is_patient":false,"priority":"S",'
'"relationship":"01","group_number":"76411-0","group_name":"Example Works",'
'"member_id":"1EG4TE5MK73","first_name":"Ann","last_name":"Oberly",'
'"patient":{"first_name":"John","last_name":"Oberly","middle_name":null,"suffix":null,'
'"birth_date":"1950-05-05","sex":"M","address_line_1":"2 Elm Street","address_line_2":"Apt 3",'
'"city":"Seattle","state":"WA","postal_code":"98101"},"payer":{"name":"Acme Health",'
'"payer_number":"ACME1","claim_filing":"CI","address_line_1":null,"address_line_2":null,'
'"city":null,"state":null,"postal_code":null},'
'"claims":[{"claim_id":"01a2299f-500c-72ec-915a-8e6ead5eff3e","part":1,'
'"control_number":"01A2299F500C72EC915A","total_charge":"125.00","patient_paid":"5.00",'
'"frequency":"1","payer_claim_number":null,"place_of_service":"11","provider_signature":true,'
'"assignment":"A","benefits_assigned":"Y","release_of_information":"Y","related_cause":null,'
'"accident_date":null,"accident_state":null,"prior_authorization_number":null,'
'"diagnoses":["E119"],"referring_provider":null,"rendering_provider":{"npi":"1679576722",'
'"first_name":"Grace","last_name":"Kim","taxonomy_code":null},"other_coverages":[{"priority":"P",'
'"relationship":"18","group_number":null,"group_name":null,"claim_filing":"MB",'
'"first_name":"John","last_name":"Oberly","member_id":"1EG4TE5MK72","payer_name":"Medicare",'
'"payer_number":"00882","paid":"100.00"}],'
'"line_items":[{"control_number":"01A2299F500D7E48B015906E278CE7","cpt_code":"J1885",'
'"modifiers":["JZ"],"charge":"125.00","unit_type":"UN","units":"2","date":"2024-03-01",'
'"diagnosis_pointers":[1],"drug":{"drug_code":"00409379601","quantity":"1.5","unit":"ML"},'
'"answer":{"payer_number":"00882","paid":"100.00","date":"2024-04-15",'
'"adjustments":[{"group_code":"CO","reasons":[{"reason_code":"45","amount":"25.00"}]}]}}]}]}]}';

COMMENT ON CONSTRAINT interchange_pkey ON billing.interchange IS
'An interchange''s id belongs to one interchange only.';

COMMENT ON CONSTRAINT interchange_control_number_key ON billing.interchange IS
'A control number belongs to one interchange only.';

COMMENT ON CONSTRAINT interchange_trading_partner_id_fkey ON billing.interchange IS
'An interchange must be for a trading partner that is on record.';

COMMENT ON CONSTRAINT interchange_claims_are_at_least_1 ON billing.interchange IS
'An interchange must have at least 1 claim.';

COMMENT ON CONSTRAINT interchange_claims_are_at_most_100 ON billing.interchange IS
'An interchange must have at most 100 claims.';

COMMENT ON CONSTRAINT interchange_control_number_has_at_most_9_digits ON billing.interchange IS
'A control number must have at most nine digits.';

COMMENT ON CONSTRAINT interchange_claims_are_on_record ON billing.interchange IS
'A claim must be on record to be sent.';

COMMENT ON CONSTRAINT interchange_claims_are_there_once ON billing.interchange IS
'An interchange must have each claim only once.';

COMMENT ON CONSTRAINT interchange_claims_are_sent_once ON billing.interchange IS
'A claim is sent only once, unless its submission was rejected.';

COMMENT ON CONSTRAINT interchange_claims_still_count ON billing.interchange IS
'A claim for a voided encounter can be sent only if it voids a claim.';

COMMENT ON CONSTRAINT interchange_claims_are_for_two_payers ON billing.interchange IS
'A claim to a third payer can''t be sent as a file.';

COMMENT ON CONSTRAINT interchange_claims_have_a_first_payer ON billing.interchange IS
'The patient has no primary coverage on the date of service.';

COMMENT ON CONSTRAINT interchange_claims_are_answered_first ON billing.interchange IS
'Of each line item, what the first payer paid and the adjustments must add up to the charge, '
'before the second payer is asked.';

COMMENT ON CONSTRAINT interchange_claims_to_medicare_are_first ON billing.interchange IS
'A claim to Medicare as the second payer can''t be sent as a file: why it is second is not '
'recorded.';

COMMENT ON CONSTRAINT interchange_claims_are_not_too_high ON billing.interchange IS
'The claim asks for 100 million dollars or more.';

COMMENT ON CONSTRAINT interchange_practice_is_on_record ON billing.interchange IS
'The practice is not on record.';

COMMENT ON CONSTRAINT interchange_practice_has_an_npi ON billing.interchange IS
'The practice''s NPI is missing.';

COMMENT ON CONSTRAINT interchange_practice_has_a_tax_id ON billing.interchange IS
'The practice''s tax id is missing.';

COMMENT ON CONSTRAINT interchange_practice_has_an_address ON billing.interchange IS
'The practice''s address is incomplete.';

COMMENT ON CONSTRAINT interchange_patients_have_a_birth_date ON billing.interchange IS
'The patient''s birth date is missing.';

COMMENT ON CONSTRAINT interchange_patients_are_born ON billing.interchange IS
'The patient was born after the date of service.';

COMMENT ON CONSTRAINT interchange_patients_have_a_sex ON billing.interchange IS
'The patient''s sex is missing.';

COMMENT ON CONSTRAINT interchange_patients_have_an_address ON billing.interchange IS
'The patient''s address is incomplete.';

COMMENT ON CONSTRAINT interchange_subscribers_have_a_first_name ON billing.interchange IS
'The subscriber''s first name is missing.';

COMMENT ON CONSTRAINT interchange_payers_have_a_number ON billing.interchange IS
'The payer''s number is missing.';

COMMENT ON CONSTRAINT interchange_diagnoses_have_a_first ON billing.interchange IS
'The first diagnosis is missing.';

COMMENT ON CONSTRAINT interchange_line_items_are_there ON billing.interchange IS
'All line items were reversed.';

COMMENT ON CONSTRAINT interchange_line_items_have_a_pointer ON billing.interchange IS
'A line item points at no diagnosis.';

COMMENT ON CONSTRAINT interchange_accidents_are_complete ON billing.interchange IS
'The date of the accident is missing, or the state of a car accident.';

COMMENT ON CONSTRAINT interchange_names_can_be_written ON billing.interchange IS
'A name or an address has no letters that a claim can hold.';

COMMENT ON CONSTRAINT interchange_states_are_known ON billing.interchange IS
'The state of an address or of an accident is none of the USA.';

COMMENT ON CONSTRAINT interchange_numbers_are_long_enough ON billing.interchange IS
'The payer''s number or the member id has only one character.';

COMMENT ON CONSTRAINT interchange_numbers_have_no_separators ON billing.interchange IS
'The payer''s claim number or the prior authorization number has accents, or the signs * : ^ | ~.';

COMMENT ON INDEX billing.interchange_trading_partner_id_id_idx IS
'Lists the interchanges with a trading partner, page by page.';

COMMENT ON INDEX billing.interchange_created_at_id_idx IS
'Lists interchanges by the time at which they were made, page by page.';

CREATE POLICY own ON billing.interchange USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.interchange IS
'A session sees and makes the interchanges of its own clinic.';

ALTER TABLE billing.interchange ENABLE ROW LEVEL SECURITY;

CREATE TABLE billing.submission (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    interchange_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    part bigint NOT NULL,
    control_number text COLLATE "C" NOT NULL,
    total_charge numeric(14, 2) NOT NULL,
    is_rejected boolean DEFAULT false NOT NULL,
    CONSTRAINT submission_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT submission_interchange_id_fkey
    FOREIGN KEY (clinic_id, interchange_id) REFERENCES billing.interchange (clinic_id, id)
    ON DELETE CASCADE,
    CONSTRAINT submission_claim_id_fkey
    FOREIGN KEY (clinic_id, claim_id) REFERENCES billing.claim (clinic_id, id)
);

CREATE INDEX submission_interchange_id_id_idx
ON billing.submission (clinic_id, interchange_id, id);

CREATE INDEX submission_claim_id_id_idx ON billing.submission (clinic_id, claim_id, id);

CREATE UNIQUE INDEX submission_is_one ON billing.submission (clinic_id, claim_id, part)
WHERE NOT is_rejected;

CREATE UNIQUE INDEX submission_control_number_is_one
ON billing.submission (clinic_id, control_number)
WHERE NOT is_rejected;

COMMENT ON TABLE billing.submission IS
'Claims as they were sent: a row for each claim of an interchange, or for each part of one.';

COMMENT ON COLUMN billing.submission.clinic_id IS
'The clinic that claims.';

COMMENT ON COLUMN billing.submission.id IS
'Identifies the submission; later ones, in the order of the file, have greater ids.';

COMMENT ON COLUMN billing.submission.interchange_id IS
'The file that it is in.';

COMMENT ON COLUMN billing.submission.claim_id IS
'The claim.';

COMMENT ON COLUMN billing.submission.part IS
'Which part of the claim: 1, or more where it has over 50 line items.
Example: 1';

COMMENT ON COLUMN billing.submission.control_number IS
'The number that the payer''s answer quotes (CLM01).
Example: 01A2083F9BE87170A59C';

COMMENT ON COLUMN billing.submission.total_charge IS
'What this part asks for.
Example: 125.00';

COMMENT ON COLUMN billing.submission.is_rejected IS
'Whether the receiver has refused it, so that the claim can be sent again.';

COMMENT ON CONSTRAINT submission_pkey ON billing.submission IS
'A submission''s id belongs to one submission only.';

COMMENT ON CONSTRAINT submission_interchange_id_fkey ON billing.submission IS
'A submission must be in an interchange that is on record.';

COMMENT ON CONSTRAINT submission_claim_id_fkey ON billing.submission IS
'A submission must be of a claim that is on record.';

COMMENT ON INDEX billing.submission_interchange_id_id_idx IS
'Lists what an interchange sends, page by page.';

COMMENT ON INDEX billing.submission_claim_id_id_idx IS
'Lists when a claim was sent, page by page.';

COMMENT ON INDEX billing.submission_is_one IS
'A claim that was sent again stays rejected where it was sent before.';

COMMENT ON INDEX billing.submission_control_number_is_one IS
'A control number belongs to one submission only, unless others were rejected.';

CREATE POLICY own ON billing.submission USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.submission IS
'A session sees and changes the submissions of its own clinic.';

ALTER TABLE billing.submission ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.interchanges WITH (security_invoker = true) AS
SELECT
    i.id,
    i.trading_partner_id,
    i.claim_ids,
    i.control_number,
    i.created_at,
    i.content
FROM billing.interchange AS i;

COMMENT ON VIEW api.interchanges IS
'Files of claims: which were sent to whom, and all that the file says.';

CREATE VIEW api.submissions WITH (security_invoker = true) AS
SELECT
    s.id,
    s.interchange_id,
    s.claim_id,
    s.part,
    s.control_number,
    s.total_charge,
    s.is_rejected
FROM billing.submission AS s;

COMMENT ON VIEW api.submissions IS
'Claims as they were sent: a row for each claim of an interchange, or for each part of one.';

-- Not granted: changing or removing an interchange, because it was sent; adding a submission, which
-- an interchange does; and both to those who treat.
GRANT SELECT (id, trading_partner_id, claim_ids, control_number, created_at, content)
ON billing.interchange TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT ON api.interchanges TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT (id, interchange_id, claim_id, part, control_number, total_charge, is_rejected)
ON billing.submission TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT ON api.submissions TO
superbill_api, superbill_biller, superbill_auditor;

GRANT UPDATE (is_rejected)
ON billing.submission, api.submissions TO superbill_api, superbill_biller;

SELECT audit.watch('billing.interchange');

SELECT audit.watch('billing.submission');
