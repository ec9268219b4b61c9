import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import vault.ApiClient;
import vault.ApiException;
import vault.api.CustomersApi;
import vault.api.PaymentMethodsApi;
import vault.model.CardParams;
import vault.model.Customer;
import vault.model.Error;
import vault.model.ExpandableCustomer;
import vault.model.PaymentMethod;
import vault.model.PostCustomersRequest;
import vault.model.PostPaymentMethodsPaymentMethodAttachRequest;
import vault.model.PostPaymentMethodsRequest;

public final class Main {
    public static void main(String[] args) throws ApiException, JsonProcessingException {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("VAULT_URL"));
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv("VAULT_KEY")));
        PaymentMethodsApi methods = new PaymentMethodsApi(client);
        CustomersApi customers = new CustomersApi(client);

        CardParams card = new CardParams().number("4242424242424242").expMonth(12).expYear(2034).cvc("123");
        PaymentMethod method = methods.postPaymentMethods(
            null, null, null,
            new PostPaymentMethodsRequest().type(PostPaymentMethodsRequest.TypeEnum.CARD).card(card));
        System.out.println("created " + method.getId() + " " + method.getCard().getLast4());

        Customer customer = customers.postCustomers(
            null, null, null, new PostCustomersRequest().name("openapi-generator-java"));
        System.out.println("created " + customer.getId());

        PaymentMethod attached = methods.postPaymentMethodsPaymentMethodAttach(
            method.getId(), null, null, null,
            new PostPaymentMethodsPaymentMethodAttachRequest().customer(customer.getId()));
        System.out.println("attached " + attached.getId() + " to " + idOf(attached.getCustomer()));

        List<PaymentMethod> listed = customers.getCustomersCustomerPaymentMethods(
            customer.getId(), null, List.of("data.customer"), 5, null, null, null, null, null).getData();
        for (PaymentMethod one : listed) {
            System.out.println("listed " + one.getId() + " of " + one.getCustomer().getCustomer().getName());
        }

        PaymentMethod detached = methods.postPaymentMethodsPaymentMethodDetach(method.getId(), null, null, null, null);
        System.out.println("detached " + detached.getId() + " from " + idOf(detached.getCustomer()));

        try {
            methods.postPaymentMethodsPaymentMethodAttach(
                "pm_card_visa", null, null, null,
                new PostPaymentMethodsPaymentMethodAttachRequest().customer("cus_nobody"));
        } catch (ApiException refused) {
            Error answer = ApiClient.createDefaultObjectMapper().readValue(refused.getResponseBody(), Error.class);
            System.out.println(
                "refused " + refused.getCode() + " " + answer.getError().getCode() + " " + answer.getError().getParam());
        }
    }

    private static String idOf(ExpandableCustomer owner) {
        return owner == null ? "nobody" : owner.getString();
    }
}
