"""What is taken along from a comparison: one file that opens by itself, without a server.

One idea per file: `document` says what a saved comparison holds, `html` writes it as a page,
`inlined` puts the viewer's modules into it, `arrays` makes one of a script's pictures, `reading`
takes the pictures out of a file that anybody may have written, and `saved_maps` the attention
maps. `figure` draws one for a paper. `step_log` writes what a training makes as it goes, into a
folder that `logged` knows.
"""

from ..base.lazy import lazily

HOMES = {"log": "step_log"}
__all__ = ["log"]

__getattr__ = lazily(__name__, HOMES)
