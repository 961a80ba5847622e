"""Pages that `core.bench` measures, and an app that serves a script as the real one is."""
