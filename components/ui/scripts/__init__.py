"""The JavaScript modules of components: joined, served, and loaded."""
