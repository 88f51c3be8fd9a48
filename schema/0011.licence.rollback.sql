COMMENT ON SCHEMA api IS
'Superbill

A billing API for healthcare providers. A patient comes in: that is an encounter. Each thing
done in it is a line item: a procedure code and a number of units. Together they are the
encounter''s superbill, the itemised record that a claim is made from.

To bill a visit: add a patient, add an encounter to the patient, add line items to the encounter,
and read the superbill.

Every rule in this document is a rule of the database. What breaks one is answered with a problem
document (RFC 9457) that names every fault and where it stands, and nothing is changed.';
