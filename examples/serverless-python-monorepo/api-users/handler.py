import json

import sharedlog
from dateutil import parser


def list_users(event, context):
    sharedlog.log("users are listed")
    return {"statusCode": 200, "body": json.dumps({"since": parser.parse("1 May 2020").isoformat()})}
