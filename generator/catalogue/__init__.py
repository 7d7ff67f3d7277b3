"""The catalogue: what is known about services, and the only place that knows vendors."""

from generator.catalogue.load import Catalogue, load

__all__ = ["Catalogue", "load"]
