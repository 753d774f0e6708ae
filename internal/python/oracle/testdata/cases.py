"""Prints cases with the answers of Python's packaging library, one a line: kind, inputs, answer, with tabs between.

    python cases.py SEED COUNT > packaging.tsv

COUNT is roughly how many there are of each kind. An answer of "!" is an error.
"""
import random
import sys

from packaging import tags, _manylinux, _musllinux
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

rnd = random.Random(int(sys.argv[1]))
count = int(sys.argv[2])


def say(*fields):
    line = "\t".join(str(f) for f in fields)
    if "\n" not in line and "\r" not in line:
        print(line)


def maybe(text, p=0.5):
    return text if rnd.random() < p else ""


def number():
    return rnd.choice(["0", "1", "2", "3", "9", "10", "11", "00", "01", "20230101", "99999999999999999999999"][: rnd.choice([4, 11])])


def version(clean=False):
    sep = lambda: "" if clean else rnd.choice(["", "", ".", "-", "_"])
    release = ".".join(number() for _ in range(rnd.choice([1, 2, 2, 3, 3, 4])))
    text = maybe("v", 0 if clean else 0.05) + maybe(number() + "!", 0.08) + release
    if rnd.random() < 0.3:
        word = rnd.choice(["a", "b", "rc"] if clean else ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC", "A"])
        text += sep() + word + sep() + (number() if clean else maybe(number(), 0.9))
    if rnd.random() < 0.2:
        text += rnd.choice([".post" + number()] + ([] if clean else ["-" + number(), "post", ".rev2", "r3", "_POST1", ".post"]))
    if rnd.random() < 0.2:
        text += rnd.choice([".dev" + number()] + ([] if clean else ["dev", "-dev_1", ".dev"]))
    if rnd.random() < 0.1:
        text += "+" + rnd.choice(["ubuntu.1", "1", "01", "1.a", "a-b_c", "cu121", "ABC", "10", "9"])
    if not clean:
        text = maybe(" ", 0.03) + text + maybe(" ", 0.03)
    return text


def broken(text):
    at = rnd.randrange(len(text) + 1)
    if rnd.random() < 0.5 and text:
        return text[:at] + text[at + 1 :]
    return text[:at] + rnd.choice("!.+-*a1 _~=<>,;()[]'\"@x") + text[at:]


OPS = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="]


def specifier(v=None):
    op = rnd.choice(OPS)
    v = v or version(clean=rnd.random() < 0.7)
    if op in ("==", "!=") and rnd.random() < 0.4:
        v = ".".join(v.split("+")[0].split(".")[:2]) + ".*"
    elif op not in ("==", "!=", "==="):
        v = v.split("+")[0]
    return maybe(" ", 0.05) + op + maybe(" ", 0.2) + v


def try_version(text):
    try:
        return str(Version(text))
    except InvalidVersion:
        return "!"


def versions():
    for _ in range(count):
        v = version()
        if rnd.random() < 0.2:
            v = broken(v)
        say("version", v, try_version(v))
        a, b = version(), version()
        if rnd.random() < 0.3:
            b = rnd.choice([a + ".0", a + ".dev1", a + "a1", a.split("+")[0] + "+1", a])
        if "!" not in (try_version(a), try_version(b)):
            x, y = Version(a), Version(b)
            say("compare", a, b, (x > y) - (x < y))


def near(v):
    """A version close to another one: the edges are where rules differ."""
    base = v.split("+")[0]
    return rnd.choice([v, base, base + "+local.1", base + ".0", base + ".1", base + ".dev1", base + "a1", base + ".post1", base + ".0.post1.dev2", ".".join(base.split(".")[:-1]) or base])


def specifiers():
    for _ in range(count):
        v = version(clean=True)
        s = specifier(v)
        if rnd.random() < 0.1:
            s = broken(s)
        w = near(v) if rnd.random() < 0.8 else version(clean=True)
        if try_version(w) == "!":
            continue
        try:
            say("specifier", s, w, int(Specifier(s).contains(w, prereleases=True)))
        except InvalidSpecifier:
            say("specifier", s, w, "!")


def environment(python, full, machine, release, extra):
    return {
        "implementation_name": "cpython", "implementation_version": full, "os_name": "posix", "platform_machine": machine,
        "platform_release": release, "platform_system": "Linux", "platform_version": "", "python_full_version": full,
        "platform_python_implementation": "CPython", "python_version": python, "sys_platform": "linux", "extra": extra,
        "extras": {extra} if extra else set(), "dependency_groups": {"dev", "Some.Group"},
    }


ENVIRONMENTS = [
    environment("3.9", "3.9.23", "x86_64", "", ""),
    environment("3.9", "3.9.0", "aarch64", "5.10.0-x.amzn2", "foo"),
    environment("3.10", "3.10.18", "aarch64", "6.1", "foo-bar"),
    environment("3.11", "3.11.0", "x86_64", "", "a"),
    environment("3.12", "3.12.4", "x86_64", "4.14.0", ""),
    environment("3.12", "3.12.11", "aarch64", "", "foo"),
    environment("3.13", "3.13.0rc1", "x86_64", "", "b"),
    environment("3.14", "3.14.0", "aarch64", "", ""),
]


def literal(text):
    q = rnd.choice("'\"")
    return q + text + q


def comparison():
    kind = rnd.random()
    if kind < 0.45:
        variable = rnd.choice(["python_version", "python_full_version", "implementation_version", "python_version"])
        value = rnd.choice(["3.9", "3.10", "3.11", "3.12", "3.13", "3", "3.9.1", "3.12.4", "3.12.0", "3.13.0", "3.11.0a6", "2.7", "4", "3.1", "3.13.0b1", "3.12.4.post1", "x"])
        op = rnd.choice(OPS)
        if rnd.random() < 0.15:
            op, value = rnd.choice(["in", "not in"]), rnd.choice(["3.9, 3.10", "3.9 3.12", "3.12", "2.7,3.14", ""])
        elif op in ("==", "!=") and rnd.random() < 0.4:
            value += ".*"
    elif kind < 0.75:
        variable = rnd.choice(["sys_platform", "platform_system", "platform_machine", "os_name", "implementation_name", "platform_python_implementation", "python_implementation", "os.name", "sys.platform", "platform.machine", "platform_version"])
        value = rnd.choice(["linux", "win32", "darwin", "Linux", "Windows", "x86_64", "aarch64", "arm64", "posix", "nt", "cpython", "CPython", "pypy", "PyPy", "", "lin"])
        op = rnd.choice(["==", "!=", "==", "!=", "in", "not in", "<", ">=", "<=", ">", "~=", "==="][: rnd.choice([4, 12])])
    elif kind < 0.8:
        variable, op, value = "platform_release", rnd.choice(OPS[:6] + ["in"]), rnd.choice(["5", "6.1", "4.14.0", "amzn", "5.10.0-x.amzn2"])
    elif kind < 0.95:
        variable, op, value = "extra", rnd.choice(["==", "!=", "==", "in"]), rnd.choice(["foo", "Foo.Bar", "foo_bar", "a", "b", ""])
    else:
        return "%s %s %s" % (literal(rnd.choice(["foo", "dev", "some-group", "x"])), rnd.choice(["in", "not in"]), rnd.choice(["extras", "dependency_groups"]))
    sp = lambda: rnd.choice([" ", " ", " ", "  ", "\t"[:0] if op not in ("in", "not in") else " "])
    left, right = variable, literal(value)
    if rnd.random() < 0.15 and op not in ("~=", "==="):
        left, right = right, left
    return left + sp() + op.replace("not in", rnd.choice(["not in", "not  in"])) + sp() + right


def expression(depth=0):
    r = rnd.random()
    if depth > 3 or r < 0.45:
        return comparison()
    if r < 0.6:
        return "(" + maybe(" ") + expression(depth + 1) + maybe(" ") + ")"
    return expression(depth + 1) + rnd.choice([" and ", " or "]) + expression(depth + 1)


def evaluate(text):
    try:
        marker = Marker(text)
    except Exception:
        return "!"
    answer = ""
    for env in ENVIRONMENTS:
        try:
            answer += str(int(marker.evaluate(env)))
        except Exception:
            return "!"
    return answer


def markers():
    for env in ENVIRONMENTS:
        say("environment", *(env[k] for k in ("python_version", "python_full_version", "platform_machine", "platform_release", "extra")))
    for _ in range(count):
        text = expression()
        if rnd.random() < 0.1:
            text = broken(text)
        if "\\" not in text:
            say("marker", text, evaluate(text))


def requirements():
    for _ in range(count):
        name = rnd.choice(["requests", "Foo.Bar", "a", "zope.interface", "typing_extensions", "x-y_z", "_x", "x_", "1a"])
        text = maybe(" ", 0.1) + name + maybe(" ", 0.2)
        if rnd.random() < 0.3:
            text += "[" + ", ".join(rnd.choice(["a", "B.c", "d_e", "f"]) for _ in range(rnd.choice([0, 1, 2]))) + "]" + maybe(" ")
        if rnd.random() < 0.2:
            text += "@" + maybe(" ") + rnd.choice(["https://example.com/x.whl", "git+https://example.com/r@main#egg=x", "file:///x", "x;y"])
            text += maybe(" ", 0.8)
        elif rnd.random() < 0.8:
            inner = maybe(" ", 0.1) + rnd.choice([", ", ","]).join(specifier().strip() for _ in range(rnd.choice([1, 2, 3]))) + maybe(",", 0.05)
            text += "(" + inner + ")" if rnd.random() < 0.2 else inner
        if rnd.random() < 0.4:
            text += maybe(" ") + ";" + maybe(" ") + comparison()
        if rnd.random() < 0.15:
            text = broken(text)
        if "\\" in text or "===" in text:
            continue
        try:
            r = Requirement(text)
            if r.marker is not None:
                if evaluate(str(r.marker)) == "!":
                    continue
        except Exception:
            say("requirement", text, "!")
            continue
        from packaging.utils import canonicalize_name as canon
        say("requirement", text, canon(r.name), ",".join(sorted({canon(e) for e in r.extras})), ",".join(sorted({str(s) if s.operator == "===" else s.operator + (str(Version(s.version[:-2])) + ".*" if s.version.endswith(".*") else str(Version(s.version))) for s in r.specifier})), r.url or "", int(r.marker is not None))


PLATFORMS = ["any", "linux_x86_64", "linux_aarch64", "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64", "manylinux2014_aarch64", "manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "manylinux_2_24_x86_64", "manylinux_2_26_x86_64", "manylinux_2_27_aarch64", "manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "manylinux_2_31_x86_64", "manylinux_2_34_aarch64", "manylinux_2_5_x86_64", "musllinux_1_1_x86_64", "musllinux_1_2_aarch64", "win_amd64", "macosx_11_0_arm64", "macosx_10_9_universal2"]


def wheel(name="pkg", v="1.0"):
    py = rnd.choice(["py3", "py2.py3", "py2", "cp39", "cp310", "cp311", "cp312", "cp313", "cp36", "cp312.cp313", "pp310", "py310", "CP312"])
    abi = rnd.choice(["none", "abi3", py.split(".")[0], "cp313t", "cp312"]) if py.lower().startswith("cp") else "none"
    platform = ".".join(sorted(rnd.sample(PLATFORMS, rnd.choice([1, 1, 1, 2]))))
    build = rnd.choice(["", "", "", "-1", "-2", "-10", "-1a", "-02"])
    return f"{name}-{v}{build}-{py}-{abi}-{platform}.whl"


def wheels():
    for _ in range(count):
        name = wheel(rnd.choice(["pkg", "Foo.Bar", "a_b", "a__b", "x", "zope.interface", "_"]), version(clean=True).replace("-", "_"))
        if rnd.random() < 0.2:
            name = broken(name)
        try:
            n, v, b, t = parse_wheel_filename(name)
            say("wheel", name, n, v, "" if not b else f"{b[0]}{b[1]}", ",".join(sorted(map(str, t))))
        except InvalidWheelFilename:
            say("wheel", name, "!")


def platforms(arch, libc, minor):
    if libc == "musl":
        return [f"musllinux_1_{m}_{arch}" for m in range(minor, -1, -1)] + ["linux_" + arch]
    _manylinux._get_glibc_version.cache_clear() if hasattr(_manylinux._get_glibc_version, "cache_clear") else None
    _manylinux._get_glibc_version = lambda: (2, minor)
    _manylinux._have_compatible_abi = lambda *a: True
    _manylinux._get_manylinux_module = lambda: None
    return list(_manylinux.platform_tags([arch])) + ["linux_" + arch]


def supported(python, arch, libc, minor):
    p = platforms(arch, libc, minor)
    version = (3, python)
    tags._get_config_var = lambda *a: None
    own = f"cp3{python}"
    return list(tags.cpython_tags(version, [own], p)) + list(tags.compatible_tags(version, own, p))


TARGETS = [(py, arch, libc, minor) for py in range(9, 15) for arch in ("x86_64", "aarch64") for libc, minor in (("glibc", 26), ("glibc", 34), ("glibc", 17), ("musl", 2))]


def rankings():
    for t in TARGETS:
        own = supported(*t)
        say("tags", *t, len(own), ",".join(str(x) for x in own[:: max(1, len(own) // 25)]), own[-1])
    for _ in range(count):
        t = rnd.choice(TARGETS)
        order = {tag: i for i, tag in reversed(list(enumerate(supported(*t))))}
        names = sorted({wheel() for _ in range(rnd.choice([2, 4, 8]))})
        rnd.shuffle(names)
        best = None
        for name in names:
            _, _, build, ts = parse_wheel_filename(name)
            ranks = [order[x] for x in ts if x in order]
            if ranks and (best is None or (-min(ranks), build) > best[0]):
                best = ((-min(ranks), build), name)
        say("best", *t, " ".join(names), best[1] if best else "-")


versions()
specifiers()
markers()
requirements()
wheels()
rankings()
