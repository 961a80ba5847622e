"""Variants x images x metrics -> a table: streaming, resumable, on any number of processes.

The command line is `python -m core.evaluate`; one idea per file: `work` finds the images and
pairs, `settings` says what is measured, `measure` measures a few images, `parts` keeps what is
finished, `run` shares the work out, `summary` and `cards` make something of the table.
"""
