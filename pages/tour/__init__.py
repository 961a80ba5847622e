"""The tour: the sources' argument in seven steps, on the picture of the sidebar."""
