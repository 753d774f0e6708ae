import sys


def log(message):
    print(message, file=sys.stderr)
