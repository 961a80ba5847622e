"""What `compare_host.py` shows of a gallery picture."""

import numpy as np

CORNER = np.s_[:192, :256]
