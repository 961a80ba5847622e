"""What all of core stands on: tables of specs, quantities, calls as text, paths, commands."""
