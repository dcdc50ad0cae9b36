"""The array types of this package, so that signatures can say what they hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import scipy.sparse as sp

Booleans: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
NamedArrays: TypeAlias = Mapping[str, npt.NDArray[Any]]
SparseFloats: TypeAlias = "sp.csr_array[np.float32, tuple[int, int]]"
