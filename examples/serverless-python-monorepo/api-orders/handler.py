import json

import requests
import shareddal


def list_orders(event, context):
    body = {"orders": shareddal.rows("orders"), "agent": requests.utils.default_user_agent()}
    return {"statusCode": 200, "body": json.dumps(body)}
