"""The Lab page: mix losses, train them side by side, and see what each does."""
