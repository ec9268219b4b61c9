package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	vault "vault.example/generated"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	configuration := vault.NewConfiguration()
	configuration.Servers = vault.ServerConfigurations{{URL: os.Getenv("VAULT_URL")}}
	client := vault.NewAPIClient(configuration)
	methods, customers := client.PaymentMethodsAPI, client.CustomersAPI
	ctx := context.WithValue(context.Background(), vault.ContextAccessToken, os.Getenv("VAULT_KEY"))

	card := vault.NewCardParams()
	card.SetNumber("4242424242424242")
	card.SetExpMonth(12)
	card.SetExpYear(2034)
	card.SetCvc("123")
	create := vault.NewPostPaymentMethodsRequest()
	create.SetType("card")
	create.SetCard(*card)
	method, _, err := methods.PostPaymentMethods(ctx).PostPaymentMethodsRequest(*create).Execute()
	if err != nil {
		return err
	}
	fmt.Println("created", method.Id, method.Card.Last4)

	named := vault.NewPostCustomersRequest()
	named.SetName("openapi-generator-go")
	customer, _, err := customers.PostCustomers(ctx).PostCustomersRequest(*named).Execute()
	if err != nil {
		return err
	}
	fmt.Println("created", customer.Id)

	attach := vault.NewPostPaymentMethodsPaymentMethodAttachRequest()
	attach.SetCustomer(customer.Id)
	attached, _, err := methods.PostPaymentMethodsPaymentMethodAttach(ctx, method.Id).
		PostPaymentMethodsPaymentMethodAttachRequest(*attach).Execute()
	if err != nil {
		return err
	}
	fmt.Println("attached", attached.Id, "to", idOf(attached))

	list, _, err := customers.GetCustomersCustomerPaymentMethods(ctx, customer.Id).
		Limit(5).Expand([]string{"data.customer"}).Execute()
	if err != nil {
		return err
	}
	for _, one := range list.Data {
		fmt.Println("listed", one.Id, "of", one.Customer.Get().Customer.GetName())
	}

	detached, _, err := methods.PostPaymentMethodsPaymentMethodDetach(ctx, method.Id).Execute()
	if err != nil {
		return err
	}
	fmt.Println("detached", detached.Id, "from", idOf(detached))

	attach.SetCustomer("cus_nobody")
	_, response, err := methods.PostPaymentMethodsPaymentMethodAttach(ctx, "pm_card_visa").
		PostPaymentMethodsPaymentMethodAttachRequest(*attach).Execute()
	return show(response, err)
}

func idOf(method *vault.PaymentMethod) string {
	if owner := method.Customer.Get(); owner != nil {
		return *owner.String
	}
	return "nobody"
}

func show(response *http.Response, err error) error {
	var refused *vault.GenericOpenAPIError
	if !errors.As(err, &refused) {
		return errors.New("it was not refused")
	}
	answer, ok := refused.Model().(vault.ModelError)
	if !ok {
		return err
	}
	fmt.Println("refused", response.StatusCode, answer.Error.GetCode(), answer.Error.GetParam())
	return nil
}
