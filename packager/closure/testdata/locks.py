"""Makes the lock files in locks/, and says what Poetry and uv export of them.

    python locks.py make TOOLS OUT [NAME…]     lock every project below with every tool, from an index that it serves itself
    python locks.py expect TOOL COMMAND DIR    what the tool exports of one project, for six targets

TOOLS is a directory with bin/poetry-1.1, bin/poetry-1.8, bin/poetry-2 and bin/uv. Each project becomes one file for each tool, with the
project's files and what `expect` says of them. "expect" needs no index. Markers are evaluated by Python's packaging library.
"""
import base64
import functools
import hashlib
import http.server
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PORT = 8947
INDEX = f"http://127.0.0.1:{PORT}"
PATCHES = {9: 23, 10: 18, 11: 13, 12: 11, 13: 7, 14: 0}
TARGETS = [("3.9", "x86_64"), ("3.10", "arm64"), ("3.11", "x86_64"), ("3.12", "arm64"), ("3.13", "x86_64"), ("3.14", "arm64")]
PURE = ["py3-none-any"]
NATIVE = ["cp%s-cp%s-%s" % (p, p, a) for p in ("39", "310", "311", "312") for a in ("manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux_2_28_aarch64", "musllinux_1_1_x86_64", "win_amd64")]


def release(requires=(), python=None, wheels=PURE, sdist=False, yanked=False, extras=()):
    return dict(requires=list(requires), python=python, wheels=wheels, sdist=sdist, yanked=yanked, extras=list(extras))


PACKAGES = {
    "alpha": {"1.0": release(["beta>=1"]), "1.1": release(["beta>=1"])},
    "beta": {"1.0": release(["gamma"]), "1.5": release(["gamma"])},
    "gamma": {"1.0": release(), "2.0": release(python=">=3.11")},
    "web": {"2.0": release(["beta", "gamma ; extra == 'standard'", "winonly ; sys_platform == 'win32' and extra == 'standard'", "fast ; sys_platform != 'win32' and extra == 'standard'", "tls ; extra == 'tls'"], extras=["standard", "tls"])},
    "fast": {"0.3": release(wheels=NATIVE, sdist=True)},
    "tls": {"9.0": release(["web"])},
    "winonly": {"1.0": release()},
    "linuxonly": {"1.0": release()},
    "armonly": {"1.0": release()},
    "backport": {"1.0": release(), "2.0": release(python=">=3.10")},
    "tomlish": {"2.0": release()},
    "ouro": {"1.0": release(["boros"])},
    "boros": {"1.0": release(["ouro", "gamma"])},
    "pulled": {"1.0": release(), "1.1": release(yanked=True), "1.2": release()},
    "newer": {"1.0": release(), "2.0b1": release(["gamma"])},
    "allof": {"1.0": release(["alpha ; extra == 'x'", "tls ; extra == 'y'", "allof[x,y] ; extra == 'all'"], extras=["x", "y", "all"])},
    "zed": {"1.9": release(), "2.1": release(python=">=3.10"), "3.0": release(python=">=3.12")},
    "chooser": {"1.0": release(["zed<2 ; python_version < '3.10'", "zed>=2,<3 ; python_version >= '3.10' and python_version < '3.12'", "zed>=3 ; python_version >= '3.12'"])},
    "Dotted.Name": {"1.0": release(["Under_score"])},
    "Under_score": {"4.0": release()},
    "native": {"5.0": release(wheels=NATIVE, sdist=True)},
    "epoch": {"1!2.0": release(), "3.0": release()},
    "patchy": {"1.0": release(["tomlish ; python_full_version <= '3.11.0a6'", "backport ; python_full_version < '3.12.4'", "gamma ; python_full_version >= '3.13.2'"])},
    "left": {"1.0": release(["shared<2", "beta"])},
    "right": {"1.0": release(["shared>=1"])},
    "shared": {"1.0": release(), "1.4": release(), "2.0": release()},
    "testing": {"7.0": release(["plug", "tomlish ; python_version < '3.11'"])},
    "plug": {"1.0": release()},
    "implementation": {"1.0": release(["gamma ; platform_python_implementation != 'PyPy'", "winonly ; implementation_name == 'pypy'", "linuxonly ; os_name == 'posix' and platform_system == 'Linux'", "armonly ; platform_machine == 'aarch64' or platform_machine == 'arm64'"])},
    "inlist": {"1.0": release(["backport ; python_version in '3.9, 3.10'", "winonly ; sys_platform == 'win32' or sys_platform == 'cygwin'"])},
    "sdistonly": {"1.0": release(["gamma"], wheels=[], sdist=True)},
}
PRIVATE = {"secret": {"1.0": release(["gamma"])}}


def metadata(name, version, r):
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {x}" for x in r["requires"]] + [f"Provides-Extra: {x}" for x in r["extras"]]
    if r["python"]:
        lines.append(f"Requires-Python: {r['python']}")
    return "\n".join(lines) + "\n"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for path, text in files.items():
            z.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def wheel(name, version, tag, r):
    stem = re.sub(r"[-.]+", "_", name) + "-" + version
    info = f"{stem}.dist-info"
    files = {f"{stem.split('-')[0].lower()}.py": "", f"{info}/METADATA": metadata(name, version, r), f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\n" + "".join(f"Tag: {t}\n" for t in [tag])}
    record = "".join(f"{p},sha256={base64.urlsafe_b64encode(hashlib.sha256(t.encode()).digest()).rstrip(b'=').decode()},{len(t)}\n" for p, t in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    return f"{stem}-{tag}.whl", zipped(files)


def sdist(name, version, r):
    import gzip
    import tarfile
    stem = f"{re.sub(r'[-.]+', '_', name).lower()}-{version}"
    files = {"PKG-INFO": metadata(name, version, r).replace("2.1\n", "2.2\n", 1), "pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {r["requires"]!r}\n[build-system]\nrequires = []\nbuild-backend = "none"\n'}
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as t:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{stem}/{path}")
            info.size = len(text)
            t.addfile(info, io.BytesIO(text.encode()))
    return f"{stem}.tar.gz", gzip.compress(tar.getvalue(), mtime=0)


def write_index(root, packages):
    (root / "files").mkdir(parents=True, exist_ok=True)
    for name, versions in packages.items():
        links = []
        for version, r in versions.items():
            made = [wheel(name, version, tag, r) for tag in r["wheels"]] + ([sdist(name, version, r)] if r["sdist"] else [])
            for file, data in made:
                (root / "files" / file).write_bytes(data)
                more = f' data-requires-python="{r["python"].replace(">", "&gt;")}"' if r["python"] else ""
                more += ' data-yanked="broken"' if r["yanked"] else ""
                links.append(f'<a href="../../files/{file}#sha256={hashlib.sha256(data).hexdigest()}"{more}>{file}</a><br>')
        page = root / "simple" / canonicalize_name(name)
        page.mkdir(parents=True, exist_ok=True)
        (page / "index.html").write_text("<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>")


# A project's dependency is (name, versions, extras, marker, more), where more may have path, git, url, optional, source, prerelease.
def dep(name, versions="", extras=(), marker="", **more):
    return dict(name=name, versions=versions, extras=list(extras), marker=marker, more=more)


LIB = {"core": [dep("beta", ">=1"), dep("deep", path="../deep")], "deep": [dep("gamma", ">=1")], "opt": [dep("alpha", optional="more"), dep("gamma")]}
PROJECTS = {
    "plain": dict(main=[dep("alpha", ">=1.0")]),
    "diamond": dict(main=[dep("left"), dep("right")]),
    "extras": dict(main=[dep("web", ">=2", ["standard"])]),
    "extra-twice": dict(main=[dep("web", extras=["tls"]), dep("tls")]),
    "extras-of-extras": dict(main=[dep("allof", extras=["all"])]),
    "groups": dict(main=[dep("alpha")], groups={"dev": [dep("testing")], "ops": [dep("fast"), dep("web")]}, ask=[([], []), (["ops"], []), (["ops", "dev"], [])]),
    "group-adds-extra": dict(main=[dep("web")], groups={"ops": [dep("web", extras=["standard"])]}, ask=[([], []), (["ops"], [])]),
    "by-python": dict(main=[dep("tomlish", marker="python_version < '3.11'"), dep("gamma")]),
    "by-platform": dict(main=[dep("winonly", marker="sys_platform == 'win32'"), dep("linuxonly", marker="sys_platform == 'linux'"), dep("armonly", marker="platform_machine == 'aarch64'")]),
    "by-both": dict(main=[dep("fast", marker="sys_platform == 'linux' and python_version < '3.12' or platform_machine == 'aarch64'"), dep("implementation")]),
    "patch-releases": dict(main=[dep("patchy")]),
    "in-list": dict(main=[dep("inlist")]),
    "versions-by-python": dict(main=[dep("zed", ">=1,<2", marker="python_version < '3.10'"), dep("zed", ">=2.1", marker="python_version >= '3.10'")]),
    "versions-by-machine": dict(main=[dep("shared", "==1.0", marker="platform_machine == 'aarch64'"), dep("shared", "==1.4", marker="platform_machine != 'aarch64'")]),
    "versions-below": dict(main=[dep("chooser")]),
    "requires-python": dict(main=[dep("gamma"), dep("backport")]),
    "cycle": dict(main=[dep("ouro")]),
    "yanked": dict(main=[dep("pulled", "==1.1")]),
    "prerelease": dict(main=[dep("newer", ">=2.0b1", prerelease=True)]),
    "optional": dict(main=[dep("alpha", optional="big"), dep("web", optional="net", extras=["standard"]), dep("gamma")], ask=[([], []), ([], ["big"]), ([], ["net", "big"])]),
    "optional-marker": dict(main=[dep("alpha", optional="big", marker="python_version >= '3.12'"), dep("plug", optional="big"), dep("beta")], ask=[([], []), ([], ["big"])]),
    "names": dict(main=[dep("dotted-name")]),
    "native": dict(main=[dep("native"), dep("fast")]),
    "epoch": dict(main=[dep("epoch")]),
    "sdist": dict(main=[dep("sdistonly")]),
    "sources": dict(main=[dep("secret", source="private"), dep("alpha")]),
    "directory": dict(main=[dep("core", path="../libs/core"), dep("plug")]),
    "directory-extra": dict(main=[dep("opt", path="../libs/opt", extras=["more"])]),
    "directory-group": dict(main=[dep("plug")], groups={"ops": [dep("core", path="../libs/core")]}, ask=[([], []), (["ops"], [])]),
    "archive": dict(main=[dep("plug", path="../archives/plug-1.0-py3-none-any.whl")]),
    "url": dict(main=[dep("alpha", url=INDEX + "/files/alpha-1.0-py3-none-any.whl")]),
    "git": dict(main=[dep("gitlib", git="file:///tmp/monoplan-locks/gitlib")]),
    "everything": dict(main=[dep("web", extras=["standard", "tls"]), dep("chooser"), dep("core", path="../libs/core"), dep("ouro"), dep("patchy"), dep("alpha", optional="big")], groups={"dev": [dep("testing"), dep("left")]}, ask=[([], []), (["dev"], []), ([], ["big"]), (["dev"], ["big"])]),
}


def quoted(items):
    return "[" + ", ".join(f'"{i}"' for i in items) + "]"


def poetry_value(d, up="../"):
    m = d["more"]
    parts = []
    if "path" in m:
        parts.append(f'path = "{m["path"]}"')
        if not m["path"].endswith(".whl"):
            parts.append("develop = true")
    elif "git" in m:
        parts.append(f'git = "{m["git"]}"')
    elif "url" in m:
        parts.append(f'url = "{m["url"]}"')
    else:
        parts.append(f'version = "{d["versions"] or "*"}"')
    if d["extras"]:
        parts.append("extras = " + quoted(d["extras"]))
    if d["marker"]:
        parts.append(f'markers = "{d["marker"]}"')
    if "optional" in m:
        parts.append("optional = true")
    if "source" in m:
        parts.append(f'source = "{m["source"]}"')
    if m.get("prerelease"):
        parts.append("allow-prereleases = true")
    if len(parts) == 1 and parts[0].startswith("version"):
        return f'"{d["versions"] or "*"}"'
    return "{" + ", ".join(parts) + "}"


def poetry_table(deps):
    by_name = {}
    for d in deps:
        by_name.setdefault(d["name"], []).append(poetry_value(d))
    return "".join(f"{n} = {v[0]}\n" if len(v) == 1 else f"{n} = [{', '.join(v)}]\n" for n, v in by_name.items())


def extras_of(deps):
    extras = {}
    for d in deps:
        if "optional" in d["more"]:
            extras.setdefault(d["more"]["optional"], []).append(d)
    return extras


def poetry_manifest(name, main, groups=None, old=False, private=False):
    text = f'[tool.poetry]\nname = "{name}"\nversion = "0.1.0"\ndescription = ""\nauthors = []\n\n[tool.poetry.dependencies]\npython = ">=3.9,<4.0"\n' + poetry_table(main)
    extras = extras_of(main)
    if extras:
        text += "\n[tool.poetry.extras]\n" + "".join(f"{e} = {quoted(d['name'] for d in ds)}\n" for e, ds in extras.items())
    for group, deps in (groups or {}).items():
        text += (f"\n[tool.poetry.dev-dependencies]\n" if old else f"\n[tool.poetry.group.{group}.dependencies]\n") + poetry_table(deps)
    if private or old:
        text += sources(private, old)
    return text + '\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'


def sources(private, old):
    text = ""
    if old:
        text += f'\n[[tool.poetry.source]]\nname = "main"\nurl = "{INDEX}/simple/"\ndefault = true\n'
    if private:
        text += f'\n[[tool.poetry.source]]\nname = "private"\nurl = "{INDEX}/private/simple/"\n' + ("secondary = true\n" if old else 'priority = "explicit"\n')
    return text


def pep508(d):
    text = d["name"]
    if d["extras"]:
        text += "[" + ",".join(d["extras"]) + "]"
    text += d["versions"]
    if d["marker"]:
        text += " ; " + d["marker"]
    return text


def project_manifest(name, main, groups=None, tool="uv", private=False):
    """[project], with what it cannot say in [tool.uv] or in [tool.poetry]."""
    plain = [d for d in main if "optional" not in d["more"]]
    text = f'[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = ">=3.9,<4.0"\ndependencies = {quoted(pep508(d) for d in plain)}\n'
    extras = extras_of(main)
    if extras:
        text += "\n[project.optional-dependencies]\n" + "".join(f"{e} = {quoted(pep508(d) for d in ds)}\n" for e, ds in extras.items())
    if groups:
        text += "\n[dependency-groups]\n" + "".join(f"{g} = {quoted(pep508(d) for d in ds)}\n" for g, ds in groups.items())
    everything = main + [d for ds in (groups or {}).values() for d in ds]
    if tool == "uv":
        special = ""
        for d in everything:
            m = d["more"]
            if "path" in m:
                special += f'{d["name"]} = {{ path = "{m["path"]}"' + (", editable = true" if not m["path"].endswith(".whl") else "") + " }\n"
            for key in ("git", "url"):
                if key in m:
                    special += f'{d["name"]} = {{ {key} = "{m[key]}" }}\n'
            if "source" in m:
                special += f'{d["name"]} = {{ index = "{m["source"]}" }}\n'
        if special:
            text += "\n[tool.uv.sources]\n" + special
        if any(d["more"].get("prerelease") for d in everything):
            text += '\n[tool.uv]\nprerelease = "allow"\n'
        if private:
            text += f'\n[[tool.uv.index]]\nname = "private"\nurl = "{INDEX}/private/simple"\nexplicit = true\n'
        return text + '\n[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'
    special = [d for d in main if set(d["more"]) & {"path", "git", "url", "source", "prerelease"}]
    text += "\n[tool.poetry]\npackages = []\n"
    if special:
        text += "\n[tool.poetry.dependencies]\n" + poetry_table([{**d, "marker": "", "extras": [], "versions": "", "more": {k: v for k, v in d["more"].items() if k != "optional"}} for d in special])
    for g, ds in (groups or {}).items():
        bad = [d for d in ds if "path" in d["more"]]
        if bad:
            text += f"\n[tool.poetry.group.{g}.dependencies]\n" + poetry_table([{**d, "versions": ""} for d in bad])
    if private:
        text += sources(True, False)
    return text + '\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'


TOOLS = {"poetry-1.1": "poetry.lock", "poetry-1.8": "poetry.lock", "poetry-2": "poetry.lock", "poetry-2-project": "poetry.lock", "uv": "uv.lock"}


def can(tool, name):
    if tool == "poetry-1.1":  # only one group, no sources of their own, no extras of extras
        return name in ("plain", "extras", "by-python", "by-platform", "versions-by-python", "optional", "native", "directory", "archive", "cycle", "names")
    return True


def lay_out(root, tool, p):
    private = any(d["more"].get("source") for d in p["main"])
    used = {d["name"] for d in p["main"] + [d for ds in p.get("groups", {}).values() for d in ds] if "path" in d["more"]}
    libs = {l for l in LIB if l in used} | ({"deep"} if "core" in used else set())
    for lib in libs:
        manifest = project_manifest(lib, LIB[lib]) if tool == "uv" else poetry_manifest(lib, LIB[lib])
        write(root / "libs" / lib / "pyproject.toml", manifest)
        write(root / "libs" / lib / lib / "__init__.py", "")
        write(root / "libs" / lib / "src" / lib / "__init__.py", "")
    if "plug" in used:
        file, data = wheel("plug", "1.0", "py3-none-any", PACKAGES["plug"]["1.0"])
        write(root / "archives" / file, "")
        (root / "archives" / file).write_bytes(data)
    if tool == "uv":
        text = project_manifest("svc", p["main"], p.get("groups"), private=private)
    elif tool == "poetry-2-project":
        text = project_manifest("svc", p["main"], p.get("groups"), tool="poetry", private=private)
    else:
        text = poetry_manifest("svc", p["main"], p.get("groups"), old=tool == "poetry-1.1", private=private)
    write(root / "svc" / "pyproject.toml", text)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(command, cwd, **env):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def lock(tool, command, svc, cache):
    if tool == "uv":
        run([command, "lock", "--default-index", INDEX + "/simple", "--cache-dir", cache], svc)
    else:
        run([command, "lock", "-n"], svc, POETRY_PYPI_MIRROR_URL=INDEX + "/simple/", POETRY_CACHE_DIR=cache, POETRY_VIRTUALENVS_CREATE="false", POETRY_KEYRING_ENABLED="false")


def exported(tool, command, svc, groups, extras):
    if tool == "uv":
        args = [command, "export", "--frozen", "--offline", "--no-emit-project", "--no-default-groups", "--no-header", "--no-annotate", "--quiet"]
        args += [a for g in groups for a in ("--group", g)] + [a for e in extras for a in ("--extra", e)]
        return run(args, svc)
    args = [command, "export", "-n", "--format", "requirements.txt"]
    args += [a for g in groups for a in ("--with", g)] + [a for e in extras for a in ("--extras", e)]
    return run(args, svc, POETRY_VIRTUALENVS_CREATE="false", POETRY_KEYRING_ENABLED="false", PYTHONWARNINGS="ignore")


def environment(python, architecture):
    full = f"{python}.{PATCHES[int(python.split('.')[1])]}"
    return {
        "implementation_name": "cpython", "implementation_version": full, "os_name": "posix", "platform_machine": {"arm64": "aarch64"}.get(architecture, architecture),
        "platform_release": "", "platform_system": "Linux", "platform_version": "", "python_full_version": full, "platform_python_implementation": "CPython",
        "python_version": python, "sys_platform": "linux", "extra": "",
    }


def parse_export(text):
    """Gives name, version or place, hashes and marker of each line."""
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        if not line or line.startswith(("#", "--")):
            continue
        hashes = sorted(re.findall(r"--hash=(\S+)", line))
        line = re.sub(r"--hash=\S+", "", line).strip()
        line = re.sub(r"^(-e|--editable) ", "", line)
        if line.startswith((".", "/", "file:")):
            place, _, marker = line.partition(" ; ")
            file = place.rstrip("/").split("/")[-1]
            yield canonicalize_name(file.split("-")[0]), "path", hashes, marker.strip()
            continue
        r = Requirement(line)
        version = "path" if r.url and r.url.startswith("file:") and "git+" not in r.url else "git" if r.url and r.url.startswith("git+") else "url" if r.url else str(r.specifier).removeprefix("==")
        yield canonicalize_name(r.name), version, hashes, str(r.marker or "")


def expect(tool, command, svc, ask):
    from packaging.markers import Marker
    lines = []
    for groups, extras in ask:
        out = list(parse_export(exported(tool, command, svc, groups, extras)))
        for python, architecture in TARGETS:
            env = environment(python, architecture)
            got = sorted({f"{n}=={v}" + ("#" + hashlib.sha256(" ".join(h).encode()).hexdigest()[:8] if h else "") for n, v, h, m in out if not m or Marker(m).evaluate(env)})
            lines.append(f"{python} {architecture} groups={','.join(groups)} extras={','.join(extras)}: {' '.join(got)}")
    return lines


def serve(root):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *a):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), functools.partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()


def make_git():
    root = pathlib.Path("/tmp/monoplan-locks/gitlib")
    if root.exists():
        shutil.rmtree(root)
    write(root / "pyproject.toml", '[project]\nname = "gitlib"\nversion = "0.5"\nrequires-python = ">=3.9"\ndependencies = ["gamma"]\n[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n')
    write(root / "src" / "gitlib" / "__init__.py", "")
    when = "2020-01-01T00:00:00Z"
    for args in (["init", "-q", "-b", "main"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x"]):
        run(["git"] + args, root, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)


def make(tools, out, only):
    work = pathlib.Path(tempfile.mkdtemp())
    write_index(work / "index", PACKAGES)
    write_index(work / "index" / "private", PRIVATE)
    serve(work / "index")
    make_git()
    for name, p in PROJECTS.items():
        if only and name not in only:
            continue
        for tool, file in TOOLS.items():
            if not can(tool, name):
                continue
            root = work / tool / name
            lay_out(root, tool, p)
            locker = f"{tools}/bin/{'poetry-2' if tool == 'poetry-2-project' else tool}"
            exporter = f"{tools}/bin/{'poetry-1.8' if tool == 'poetry-1.1' else 'poetry-2' if tool == 'poetry-2-project' else tool}"
            try:
                lock(tool, locker, root / "svc", str(work / "cache"))
                lines = expect(tool, exporter, root / "svc", p.get("ask", [([], [])]))
            except RuntimeError as e:
                print("FAILED", tool, name, str(e)[-700:], file=sys.stderr)
                continue
            with open(f"{out}/{name}.{tool}.txtar", "w") as archive:
                for path in sorted(root.rglob("*")):
                    if path.is_file() and path.suffix in (".toml", ".lock"):
                        archive.write(f"-- {path.relative_to(root)} --\n{path.read_text().rstrip()}\n")
                archive.write("-- expected --\n" + "\n".join(lines) + "\n")
            print(name, tool)
    shutil.rmtree(work)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        tool, command, directory = sys.argv[2:5]
        ask = [tuple(x.split(",") if x else [] for x in a.split(":")) for a in sys.argv[5:]] or [([], [])]
        print("\n".join(expect(tool, command, pathlib.Path(directory), ask)))
