from dateutil.relativedelta import relativedelta
from dateutil import parser


def handle(event, context):
    month = parser.parse(event["month"])
    return {"until": (month + relativedelta(months=1)).date().isoformat()}
