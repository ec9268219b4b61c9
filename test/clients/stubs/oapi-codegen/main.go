package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	vault "vault.example/generated"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := vault.NewClientWithResponses(os.Getenv("VAULT_URL"), vault.WithRequestEditorFn(authorize))
	if err != nil {
		return err
	}

	card := vault.CardParams{Number: to("4242424242424242"), ExpMonth: to(12), ExpYear: to(2034), Cvc: to("123")}
	method, err := client.PostPaymentMethodsWithResponse(ctx, nil, vault.PostPaymentMethodsRequest{
		Type: to(vault.PostPaymentMethodsRequestTypeCard), Card: &card,
	})
	if err != nil {
		return err
	} else if method.JSON200 == nil {
		return fmt.Errorf("not created: %s", method.Body)
	}
	id := method.JSON200.Id
	fmt.Println("created", id, method.JSON200.Card.Last4)

	named := vault.PostCustomersRequest{Name: to("oapi-codegen")}
	customer, err := client.PostCustomersWithResponse(ctx, nil, named)
	if err != nil {
		return err
	} else if customer.JSON200 == nil {
		return fmt.Errorf("not created: %s", customer.Body)
	}
	whose := customer.JSON200.Id
	fmt.Println("created", whose)

	attach := vault.PostPaymentMethodsPaymentMethodAttachRequest{Customer: &whose}
	attached, err := client.PostPaymentMethodsPaymentMethodAttachWithResponse(ctx, id, nil, attach)
	if err != nil {
		return err
	} else if attached.JSON200 == nil {
		return fmt.Errorf("not attached: %s", attached.Body)
	}
	fmt.Println("attached", attached.JSON200.Id, "to", idOf(attached.JSON200.Customer))

	page := vault.GetCustomersCustomerPaymentMethodsParams{Limit: to(5), Expand: &[]string{"data.customer"}}
	list, err := client.GetCustomersCustomerPaymentMethodsWithResponse(ctx, whose, &page)
	if err != nil {
		return err
	} else if list.JSON200 == nil {
		return fmt.Errorf("not listed: %s", list.Body)
	}
	for _, one := range list.JSON200.Data {
		owner, err := one.Customer.AsCustomer()
		if err != nil {
			return err
		}
		fmt.Println("listed", one.Id, "of", *owner.Name)
	}

	detach := vault.PostPaymentMethodsPaymentMethodDetachRequest{}
	detached, err := client.PostPaymentMethodsPaymentMethodDetachWithResponse(ctx, id, nil, detach)
	if err != nil {
		return err
	} else if detached.JSON200 == nil {
		return fmt.Errorf("not detached: %s", detached.Body)
	}
	fmt.Println("detached", detached.JSON200.Id, "from", idOf(detached.JSON200.Customer))

	nobody := vault.PostPaymentMethodsPaymentMethodAttachRequest{Customer: to("cus_nobody")}
	refused, err := client.PostPaymentMethodsPaymentMethodAttachWithResponse(ctx, "pm_card_visa", nil, nobody)
	if err != nil {
		return err
	} else if refused.JSON400 == nil {
		return fmt.Errorf("not refused: %s", refused.Body)
	}
	fmt.Println("refused", refused.StatusCode(), *refused.JSON400.Error.Code, *refused.JSON400.Error.Param)
	return nil
}

func authorize(_ context.Context, request *http.Request) error {
	request.Header.Set("Authorization", "Bearer "+os.Getenv("VAULT_KEY"))
	return nil
}

func idOf(owner vault.ExpandableCustomer) string {
	id, err := owner.AsExpandableCustomer0()
	if err != nil || id == "" {
		return "nobody"
	}
	return id
}

func to[T any](value T) *T {
	return &value
}
