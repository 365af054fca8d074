"""Numbers in octets as one load of the processor each.

The compiler does not find out by itself that eight octets put together are a load of 64 bits, and
half of all the time went there. These loads check no bounds: where numba is asked to check them,
or runs kernels as plain Python, `nalpml._kernels._octets` goes octet by octet instead.
"""

from __future__ import annotations

import sys
from typing import Any

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

__all__ = ["USABLE", "loader"]

_CONFIG: Any = numba.config

USABLE = not (_CONFIG.DISABLE_JIT or _CONFIG.BOUNDSCHECK) and sys.byteorder == "little"
"""Whether kernels may use them."""


def loader(bits: int, result: Any, *, swap: bool) -> Any:
    """Make a load for kernels to call.

    Parameters
    ----------
    bits : int
        16, 32 or 64.
    result : numba type
        What the number is returned as.
    swap : bool
        Most significant octet first.

    Returns
    -------
    callable
        Of an array of octets and a place in it.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        octets = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = context.cast(builder, arguments[1], signature.args[1], types.uint64)
        pointer = builder.gep(octets.data, [place])
        number = builder.load(builder.bitcast(pointer, ir.IntType(bits).as_pointer()))
        number.align = 1
        if swap:
            number = builder.bswap(number)
        return builder.zext(number, ir.IntType(64)) if bits < 64 else number

    def load(_: Any, octets: Any, place: Any) -> Any:
        return result(octets, types.unliteral(place)), generate

    return intrinsic(load)
