"""Calls one hook of a PEP 517 backend, in the directory of the project; what to call comes as JSON on standard input."""

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
if request["hook"] == "requires":
    hook = getattr(backend, "get_requires_for_build_wheel", None)
    result = list(hook({})) if hook else []
else:
    result = backend.build_wheel(request["out"], {}, None)
with open(request["result"], "w", encoding="utf-8") as f:
    json.dump(result, f)
