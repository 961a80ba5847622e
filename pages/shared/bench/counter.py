"""A page on which a click changes a number."""

from pages.shared.bench.clicks import counter

counter()
