"""The records of mail authentication: one module each, all of the same shape.

A frozen record type, ``parse`` (text to record, raising `RecordError` with the offset of the
fault) and ``str`` (record to canonical text).  Nothing in here knows about declarations.
"""
