"""Calls a hook of a PEP 517 backend, in the directory of the project; what to call comes as JSON on standard input: the hook
"requires", "wheel", or "both", which makes the wheel only where nothing more is required for it."""

import importlib
import json
import os
import sys

request = json.load(sys.stdin)
sys.path[:0] = [os.path.abspath(p) for p in request["path"]]
module, _, attributes = request["backend"].partition(":")
backend = importlib.import_module(module)
for attribute in filter(None, attributes.split(".")):
    backend = getattr(backend, attribute)


def requires():
    hook = getattr(backend, "get_requires_for_build_wheel", None)
    return list(hook({})) if hook else []


def wheel():
    return backend.build_wheel(request["out"], {}, None)


def both():
    more = requires()
    return {"requires": more, "wheel": "" if more else wheel()}


result = {"requires": requires, "wheel": wheel, "both": both}[request["hook"]]()
with open(request["result"], "w", encoding="utf-8") as f:
    json.dump(result, f)
