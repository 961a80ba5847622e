"""Visitors without a browser: they speak the platform's protocol, for measuring and for tests."""
