"""The studies of the Artifacts page, a file each."""
