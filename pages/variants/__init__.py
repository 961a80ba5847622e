"""The Variants page: every entry that can fill a panel, and where it comes from."""
