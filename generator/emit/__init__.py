"""Records as files: BIND zone text and JSON, written whole or not at all."""
