"""Two processes, as people start them: what tests of commands share."""

import sys
from pathlib import Path

TORCHRUN = (
    str(Path(sys.executable).with_name("torchrun")), "--standalone", "--nproc-per-node", "2",
)  # fmt: skip
