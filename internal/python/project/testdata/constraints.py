"""Prints constraints with versions and whether Poetry's own library allows them: python constraints.py SEED COUNT > constraints.tsv"""
import random
import sys

from poetry.core.constraints.version import Version, parse_constraint

rnd = random.Random(int(sys.argv[1]))


def version():
    text = ".".join(str(rnd.choice([0, 0, 1, 1, 2, 3, 10])) for _ in range(rnd.choice([1, 2, 3, 3, 4])))
    return text + rnd.choice(["", "", "", "", "", "a1", "rc2", ".post1", ".dev3"])


def clause():
    op = rnd.choice(["^", "~", "", "=", "==", "!=", ">=", "<=", ">", "<", "~="])
    v = version()
    if op in ("^", "~"):
        v = v.split("a")[0].split("rc")[0].split(".post")[0].split(".dev")[0]
    if op == "~=":
        v = "1." + v
    if op in ("", "==", "!=") and rnd.random() < 0.4:
        v = ".".join(str(rnd.choice([0, 1, 2])) for _ in range(rnd.choice([1, 2]))) + ".*"
    return op + rnd.choice(["", "", " "]) + v


for _ in range(int(sys.argv[2])):
    text = rnd.choice(["||", " || ", "|"]).join(rnd.choice([",", ", ", " "]).join(clause() for _ in range(rnd.choice([1, 1, 2]))) for _ in range(rnd.choice([1, 1, 1, 2])))
    if rnd.random() < 0.02:
        text = "*"
    if "|" in text and "post" in text:
        continue  # Poetry simplifies some of these to what does not have a post-release in it
    try:
        c = parse_constraint(text)
    except Exception:
        continue
    base = text.strip("^~=!<>* ").split(",")[0].split("|")[0].split(" ")[0].rstrip(".*")
    v = rnd.choice([version(), version(), base])
    try:
        print(text, v, int(c.allows(Version.parse(v))), sep="\t")
    except Exception:
        continue
