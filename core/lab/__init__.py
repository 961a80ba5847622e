"""The loss lab: a few runs trained side by side, from the same weights on the same batches."""
