"""Bad and unusual inputs, each with its right outcome: one module a kind, one list of cases each.

The tests of the code that reads such input run through them; `python -m tests.corpus` lists them
in `docs/inputs.md`.
"""
