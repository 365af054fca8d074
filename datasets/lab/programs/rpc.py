"""gRPC without generated code: ``rpc.py server PORT SEED`` / ``rpc.py client PORT SEED HOST S``."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from concurrent import futures

import grpc
from apps_tcp import varint_message
from text import make


def unary(request: bytes, context: grpc.ServicerContext) -> bytes:
    """Answer one call."""
    return varint_message(random.Random(len(request)), 1)


def stream(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
    """Send a message now and then."""
    for number in range(8):
        yield make("json", 80 + number * 40, number)
        time.sleep(0.8)


def main(argv: list[str]) -> None:
    """Run one side."""
    if argv[0] == "server":
        server = grpc.server(futures.ThreadPoolExecutor(4))
        handlers = {
            "Call": grpc.unary_unary_rpc_method_handler(unary),
            "Watch": grpc.unary_stream_rpc_method_handler(stream),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("lab", handlers),))
        server.add_insecure_port(f"0.0.0.0:{argv[1]}")
        server.start()
        server.wait_for_termination()
    rng = random.Random(int(argv[2]))
    end = time.monotonic() + float(argv[4])
    with grpc.insecure_channel(f"{argv[3]}:{argv[1]}") as channel:
        call, watch = channel.unary_unary("/lab/Call"), channel.unary_stream("/lab/Watch")
        for _ in watch(b"start"):
            call(varint_message(rng, 2))
        while time.monotonic() < end:
            call(varint_message(rng, 3))
            time.sleep(rng.uniform(0.1, 2))


main(sys.argv[1:])
