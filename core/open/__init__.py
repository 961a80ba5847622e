"""The command that opens the dashboard on somebody's own results."""
