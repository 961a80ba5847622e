"""The only caches. Keys are digests of contents, arrays travel beside them as `_image`."""

from pages.shared.cached import measured, pictures, variants, visits, work
from pages.shared.cached.keeping import forget_everything

__all__ = ["forget_everything", "measured", "pictures", "variants", "visits", "work"]
