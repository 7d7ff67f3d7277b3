"""Domain Connect templates (draft-ietf-dconn-domainconnect) to entries of the catalogue.

A template says which records a vendor wants; it does not say what they are for, nor whether they
align.  What an import guesses it therefore says, for a person to check.
"""

from generator.catalogue.domainconnect.convert import Conversion, convert
from generator.catalogue.domainconnect.template import Template, read_template

__all__ = ["Conversion", "Template", "convert", "read_template"]
