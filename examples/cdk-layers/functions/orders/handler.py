import attrs
from money import euros


@attrs.define
class Order:
    item: str
    price: int


def handle(event, context):
    order = Order("lamp", 1999)
    return {"item": order.item, "price": euros(order.price)}
