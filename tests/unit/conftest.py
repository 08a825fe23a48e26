"""Settings for every unit test."""

from hypothesis import settings

# The first example of a property may load a vocabulary, and the machine may be busy.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")
