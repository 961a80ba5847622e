"""Experiments that show what a number sees and what it does not; each is one picture's worth."""
