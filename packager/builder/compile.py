"""Compiles modules to bytecode (PEP 552, unchecked hashes) until standard input ends.

A request is the length of a path and the path, the length of a source and the source; an answer the length of the
bytecode and the bytecode, or the length 0xffffffff for a source that does not compile. Lengths are four bytes, the first
one the most significant. Which strings bytecode shares depends on what else the process has compiled, so each module is
compiled in a child of its own, where there are children.
"""

import os
import struct
import sys
import tempfile
import py_compile

NONE = struct.pack(">I", 0xFFFFFFFF)


def read(n):
    data = sys.stdin.buffer.read(n)
    if len(data) < n:
        sys.exit(0)
    return data


def field():
    return read(struct.unpack(">I", read(4))[0])


def compiled(path, source, directory):
    name = os.path.join(directory, "m.py")
    with open(name, "wb") as f:
        f.write(source)
    try:
        py_compile.compile(name, name + "c", dfile=path, doraise=True, optimize=0,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        with open(name + "c", "rb") as f:
            return f.read()
    except (py_compile.PyCompileError, ValueError, RecursionError, MemoryError):
        return None


def answer(out, code):
    out.write(NONE if code is None else struct.pack(">I", len(code)) + code)
    out.flush()


with tempfile.TemporaryDirectory() as directory:
    while True:
        path, source = field().decode("utf-8", "surrogateescape"), field()
        if not hasattr(os, "fork"):
            answer(sys.stdout.buffer, compiled(path, source, directory))
            continue
        child = os.fork()
        if child == 0:
            answer(sys.stdout.buffer, compiled(path, source, directory))
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit("compiling %s failed" % path)
