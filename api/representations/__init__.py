"""Other forms of rows beside JSON: templates that stand beside the schema.

A representation is a value (`representation.Representation`): a form, which has the name that the
parameter `format` takes and a media type, and a function that makes the answer's bytes of the JSON
text that the operation's own statement returned. `offers.build` says which representations each
operation of a role has; the endpoints of reads, lists and reports, the OpenAPI document and
`superbill routes` follow from that. To add a kind of representation is to add it there.
"""
