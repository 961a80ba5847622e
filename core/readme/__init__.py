"""The generated tables of `docs/`: a function for each, and the one table of where they stand."""
