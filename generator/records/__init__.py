"""The records of mail authentication: one module each, all of the same shape.

A frozen record type, ``parse`` (text to record, raising `RecordError` with the place of the fault)
and ``str`` (record to canonical text); parsing that text gives the record again.  spf, dkim, dmarc,
mta_sts, tls_rpt and mx are records; macro, key, uri and fields are what several of them are made of.
Nothing in here knows about declarations, and nothing heavy is imported before it is used.
"""
