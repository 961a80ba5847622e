"""The views of the Spectrum page, a file each."""
