"""The generated tables of the README and of `docs/`."""
