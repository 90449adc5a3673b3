"""The whole table: each module adds its rows as it is imported. Their order decides what program a seed makes."""

import ops_create  # noqa: F401
import ops_elementwise  # noqa: F401
import ops_linalg  # noqa: F401
import ops_spectral  # noqa: F401  (here, as its rows were among those of linalg)
import ops_products  # noqa: F401
import ops_reduce  # noqa: F401
import ops_search  # noqa: F401
import ops_shape  # noqa: F401
