"""Pictures: decoding, scaling and clipping, Fourier transforms, textures, the gallery, files."""
