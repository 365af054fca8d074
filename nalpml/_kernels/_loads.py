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
from numba.core import cgutils, types
from numba.extending import intrinsic

__all__ = ["LANES", "USABLE", "borrower", "loader", "prefetcher", "step_marker"]

_CONFIG: Any = numba.config

USABLE = not (_CONFIG.DISABLE_JIT or _CONFIG.BOUNDSCHECK) and sys.byteorder == "little"
"""Whether kernels may use them."""

LANES = 32
"""Octets that are compared at once."""


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


def step_marker() -> Any:
    """Make a comparison of 32 octets with those before them, for kernels to call.

    Returns
    -------
    callable
        Of an array of octets and a place in it: two sets of 32 bits as one uint64. Bit i of the
        lower half says that octet `place` + i equals the octet before it; of the upper half, that
        it is by one (modulo 256) greater.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        octets = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = context.cast(builder, arguments[1], signature.args[1], types.uint64)
        vector = ir.VectorType(ir.IntType(8), LANES)
        now = builder.gep(octets.data, [place])
        loads = []
        for pointer in (now, builder.gep(now, [ir.Constant(ir.IntType(64), -1)])):
            loads.append(builder.load(builder.bitcast(pointer, vector.as_pointer())))
            loads[-1].align = 1
        steps = builder.sub(*loads)
        result = ir.Constant(ir.IntType(64), 0)
        for step in (1, 0):
            same = builder.icmp_unsigned("==", steps, ir.Constant(vector, [step] * LANES))
            bits = builder.zext(builder.bitcast(same, ir.IntType(LANES)), ir.IntType(64))
            result = builder.or_(builder.shl(result, ir.Constant(ir.IntType(64), LANES)), bits)
        return result

    def mark(_: Any, octets: Any, place: Any) -> Any:
        return types.uint64(octets, types.unliteral(place)), generate

    return intrinsic(mark)


def borrower() -> Any:
    """Make a view of an array that counts no references, for kernels to call.

    Each array that is handed on, or cut out of another, counts a reference with an instruction
    that locks the memory: that was half of the time of small kernels.

    Returns
    -------
    callable
        Of an array: the same array. Who calls must keep the original until the last use.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        array.meminfo = ir.Constant(array.meminfo.type, None)
        array.parent = ir.Constant(array.parent.type, None)
        return array._getvalue()

    def borrow(_: Any, array: Any) -> Any:
        return array(array), generate

    return intrinsic(borrow)


def prefetcher() -> Any:
    """Make a hint that octets will be read soon, for kernels to call.

    Returns
    -------
    callable
        Of an array of octets and a place: two cache lines from there on are fetched while other
        work goes on. It has no effect but on time, whatever the place.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        octets = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = context.cast(builder, arguments[1], signature.args[1], types.int64)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [octets.data.type, number, number, number])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # For reading; to be kept near; data.
        how = [ir.Constant(number, value) for value in (0, 3, 1)]
        for ahead in (0, 64):
            step = builder.add(place, ir.Constant(place.type, ahead))
            builder.call(hint, [builder.gep(octets.data, [step]), *how])
        return context.get_dummy_value()

    def prefetch(_: Any, octets: Any, place: Any) -> Any:
        return types.void(octets, types.unliteral(place)), generate

    return intrinsic(prefetch)
