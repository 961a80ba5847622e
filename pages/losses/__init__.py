"""The Losses page: what a loss rewards, what it asks of each pixel, what it does not see."""
