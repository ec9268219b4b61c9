import os
from typing import TypeVar

from generated import AuthenticatedClient
from generated.api.customers import get_customers_customer_payment_methods, post_customers
from generated.api.payment_methods import (
    post_payment_methods,
    post_payment_methods_payment_method_attach,
    post_payment_methods_payment_method_detach,
)
from generated.models import (
    CardParams,
    Customer,
    DeletedCustomer,
    Error,
    PaymentMethod,
    PostCustomersRequest,
    PostPaymentMethodsPaymentMethodAttachRequest,
    PostPaymentMethodsRequest,
    PostPaymentMethodsRequestType,
)

Answer = TypeVar("Answer")

vault = AuthenticatedClient(
    base_url=os.environ.get("VAULT_URL", "http://127.0.0.1:4242"), token=os.environ["VAULT_KEY"]
)


def main() -> None:
    card = CardParams(number="4242424242424242", exp_month=12, exp_year=2034, cvc="123")
    create = PostPaymentMethodsRequest(type_=PostPaymentMethodsRequestType.CARD, card=card)
    method = done(post_payment_methods.sync(client=vault, body=create))
    print("created", method.id, method.card.last4 if method.card else "")

    customer = done(post_customers.sync(client=vault, body=PostCustomersRequest(name="openapi-python-client")))
    print("created", customer.id)

    attach = PostPaymentMethodsPaymentMethodAttachRequest(customer=customer.id)
    attached = done(post_payment_methods_payment_method_attach.sync(method.id, client=vault, body=attach))
    print("attached", attached.id, "to", id_of(attached))

    listed = done(
        get_customers_customer_payment_methods.sync(customer.id, client=vault, limit=5, expand=["data.customer"])
    )
    for one in listed.data:
        print("listed", one.id, "of", one.customer.name if isinstance(one.customer, Customer) else "")

    detached = done(post_payment_methods_payment_method_detach.sync(method.id, client=vault))
    print("detached", detached.id, "from", id_of(detached))

    nobody = PostPaymentMethodsPaymentMethodAttachRequest(customer="cus_nobody")
    refused = post_payment_methods_payment_method_attach.sync_detailed("pm_card_visa", client=vault, body=nobody)
    if isinstance(refused.parsed, Error):
        print("refused", int(refused.status_code), refused.parsed.error.code, refused.parsed.error.param)


def done(answer: Answer | Error | None) -> Answer:
    if answer is None or isinstance(answer, Error):
        raise RuntimeError(answer)
    return answer


def id_of(method: PaymentMethod) -> str:
    owner = method.customer
    return owner.id if isinstance(owner, (Customer, DeletedCustomer)) else owner or "nobody"


main()
