"""The views of the page Leaderboard, one a file."""
