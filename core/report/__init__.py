"""What is taken along from a comparison: one file that opens by itself, without a server.

One idea per file: `document` says what a saved comparison holds, `html` writes it as a page,
`inlined` puts the viewer's modules into it, `arrays` makes one of a script's pictures, `reading`
takes the pictures out of a file that anybody may have written. `figure` draws one for a paper.
"""
