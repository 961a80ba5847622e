"""The sources' argument in seven steps, each with numbers of the picture that is looked at."""
