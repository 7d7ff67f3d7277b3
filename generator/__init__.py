"""mailzone: mail authentication as code.

A declaration in YAML says which services send mail for a domain and how far its rollout has
come; this package turns it into SPF, DKIM and DMARC records.  The rooms and their import order
are described in docs/architecture.md; a test holds them to it.
"""

# A constant, not importlib.metadata: reading a distribution's metadata costs more start-up
# time than everything else that `mailzone --version` does.  pyproject.toml reads it from here.
__version__ = "0.1.0"
