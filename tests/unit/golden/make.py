#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the golden files, from vfio-migctl-state(5) and not from the program.

They are made once and read for ever: a version that cannot read them breaks
what users have stored. So this is to be run for a new version of the form
only, under a new name. It needs python3-xxhash.
"""
import json
import os
import struct

import xxhash

META = {
    "schema": 1,
    "device": {
        "name": "0000:06:00.1", "bus": "pci", "driver": "mlx5_vfio_pci", "vendor": "15b3", "device": "101e",
        "subsystem_vendor": "15b3", "subsystem_device": "0042",
    },
    "protocol": "v2",
    "capabilities": ["stop-copy", "pre-copy"],
    "firmware": {"version": "22.36.1010", "psid": "MT_0000000359"},
    "host": "alpha", "kernel": "6.12.1", "saved_at": "2026-11-22T10:11:12Z", "tool": "0.1.0",
}
# (bytes, does the transaction go on?)
PIECES = [(b"first", False), (b"", False), (bytes(range(256)), True), (b"the rest", False)]
REQUIRED, MORE = 1, 2


class State:
    def __init__(self):
        head = b"\x89MIG\r\n\x1a\n" + struct.pack("<I", 1)
        head += struct.pack("<I", xxhash.xxh3_64_intdigest(head) & 0xffffffff)
        self.out = head
        self.chain = xxhash.xxh3_64_intdigest(head)
        self.blocks = self.bytes = self.transactions = 0
        self.digest = xxhash.xxh3_128()

    def block(self, kind, flags, payload, check=None):
        if check is None:
            check = xxhash.xxh3_64_intdigest(payload)
        header = struct.pack("<4sIQQ", kind, flags, len(payload), check)
        header += struct.pack("<Q", xxhash.xxh3_64_intdigest(header, self.blocks))
        self.out += header + payload + bytes(-len(payload) % 8)
        self.chain = xxhash.xxh3_64_intdigest(header, self.chain)
        self.blocks += 1

    def data(self, piece, more):
        self.digest.update(piece)
        self.bytes += len(piece)
        self.transactions += not more
        self.block(b"DATA", REQUIRED | (MORE if more else 0), piece,
                   self.digest.intdigest() & 0xffffffffffffffff)

    def end(self):
        self.block(b"END ", REQUIRED, struct.pack(
            "<QQQQ", self.bytes, self.transactions, self.blocks, self.chain) + self.digest.digest())


def make(name, optional):
    state = State()
    state.block(b"META", REQUIRED, json.dumps(META, separators=(",", ":")).encode())
    for piece, more in PIECES:
        state.data(piece, more)
        if optional:
            state.block(b"NOTE", 0, b"of a later version")
    state.end()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "xb") as file:
        file.write(state.out)
    print(name, len(state.out), "bytes, digest", state.digest.hexdigest())


make("v1.state", False)
make("v1-optional.state", True)
