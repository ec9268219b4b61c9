/** One call of the wire, and every parameter that is documented for it, with a value that fits. */
export interface DocumentedCall {
  method: string
  /** With its parameters in braces: `/v1/customers/{customer}`. */
  path: string
  /** `name=value`, the name in brackets as in a form. */
  parameters: string[]
}

/*
 * The documented parameters of the oldest and the newest version together, down to their leaves. A hash of which
 * nothing more is documented has some `key`; of the hashes of payment intents that are of one type each, `klarna`
 * stands for all that are refused.
 */
const TABLE = `
GET /v1/payment_methods
  allow_redisplay=always customer=cus_none customer_account=x ending_before=x expand[]=data.customer limit=1
  starting_after=x type=card
POST /v1/payment_methods
  acss_debit[account_number]=x acss_debit[institution_number]=x acss_debit[transit_number]=x affirm[key]=x
  afterpay_clearpay[key]=x alipay[key]=x allow_redisplay=always alma[key]=x amazon_pay[key]=x
  au_becs_debit[account_number]=x au_becs_debit[bsb_number]=x bacs_debit[account_number]=x
  bacs_debit[sort_code]=x bancontact[key]=x billie[key]=x billing_details[address][city]=x
  billing_details[address][country]=x billing_details[address][line1]=x billing_details[address][line2]=x
  billing_details[address][postal_code]=x billing_details[address][state]=x billing_details[email]=x
  billing_details[name]=x billing_details[phone]=x billing_details[tax_id]=x bizum[key]=x blik[key]=x
  boleto[tax_id]=x card[cvc]=123 card[exp_month]=8 card[exp_year]=2033
  card[networks][preferred]=cartes_bancaires card[number]=4242424242424242 card[token]=tok_visa
  cashapp[key]=x crypto[key]=x custom[type]=x customer=cus_none customer_balance[key]=x
  eps[bank]=arzte_und_apotheker_bank expand[]=customer fpx[account_holder_type]=company fpx[bank]=affin_bank
  giropay[key]=x grabpay[key]=x ideal[bank]=abn_amro interac_present[key]=x kakao_pay[key]=x
  klarna[dob][day]=1 klarna[dob][month]=1 klarna[dob][year]=1 konbini[key]=x kr_card[key]=x link[key]=x
  mb_way[key]=x metadata[key]=x mobilepay[key]=x multibanco[key]=x naver_pay[funding]=card
  nz_bank_account[account_holder_name]=x nz_bank_account[account_number]=x nz_bank_account[bank_code]=x
  nz_bank_account[branch_code]=x nz_bank_account[reference]=x nz_bank_account[suffix]=x oxxo[key]=x
  p24[bank]=alior_bank pay_by_bank[key]=x payco[key]=x payment_method=pm_none paynow[key]=x paypal[key]=x
  payto[account_number]=x payto[bsb_number]=x payto[pay_id]=x pix[key]=x promptpay[key]=x
  radar_options[session]=x revolut_pay[key]=x samsung_pay[key]=x satispay[key]=x scalapay[key]=x
  sepa_debit[iban]=x sofort[country]=AT sunbit[key]=x swish[key]=x twint[key]=x type=card
  upi[mandate_options][amount]=1 upi[mandate_options][amount_type]=fixed upi[mandate_options][description]=x
  upi[mandate_options][end_date]=1 us_bank_account[account_holder_type]=company
  us_bank_account[account_number]=x us_bank_account[account_type]=checking
  us_bank_account[financial_connections_account]=x us_bank_account[routing_number]=x wechat_pay[key]=x
  zip[key]=x
GET /v1/payment_methods/{payment_method}
  expand[]=customer
POST /v1/payment_methods/{payment_method}
  allow_redisplay=always billing_details[address][city]=x billing_details[address][country]=x
  billing_details[address][line1]=x billing_details[address][line2]=x
  billing_details[address][postal_code]=x billing_details[address][state]=x billing_details[email]=x
  billing_details[name]=x billing_details[phone]=x billing_details[tax_id]=x card[exp_month]=8
  card[exp_year]=2033 card[networks][preferred]=cartes_bancaires expand[]=customer link[key]=x
  metadata[key]=x payto[account_number]=x payto[bsb_number]=x payto[pay_id]=x
  us_bank_account[account_holder_type]=company us_bank_account[account_type]=checking
POST /v1/payment_methods/{payment_method}/attach
  customer=cus_none customer_account=x expand[]=customer
POST /v1/payment_methods/{payment_method}/detach
  expand[]=customer
GET /v1/customers
  created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 email=jenny@example.com
  ending_before=x expand[]=data.tax limit=1 starting_after=x test_clock=x
POST /v1/customers
  address[city]=x address[country]=x address[line1]=x address[line2]=x address[postal_code]=x
  address[state]=x balance=1 business_name=x cash_balance[settings][reconciliation_mode]=automatic coupon=x
  description=x email=jenny@example.com expand[]=tax individual_name=x invoice_prefix=x
  invoice_settings[custom_fields][][name]=x invoice_settings[custom_fields][][value]=x
  invoice_settings[default_payment_method]=x invoice_settings[footer]=x
  invoice_settings[rendering_options][amount_tax_display]=exclude_tax
  invoice_settings[rendering_options][template]=x metadata[key]=x name=x next_invoice_sequence=1
  payment_method=pm_none phone=x preferred_locales[]=x promotion_code=x shipping[address][city]=x
  shipping[address][country]=x shipping[address][line1]=x shipping[address][line2]=x
  shipping[address][postal_code]=x shipping[address][state]=x shipping[name]=x shipping[phone]=x source=x
  tax[ip_address]=x tax[validate_location]=deferred tax_exempt=reverse tax_id_data[][type]=ad_nrt
  tax_id_data[][value]=x test_clock=x validate=true
GET /v1/customers/search
  expand[]=data.tax limit=1 page=x query=name:'Jenny'
DELETE /v1/customers/{customer}
GET /v1/customers/{customer}
  expand[]=tax
POST /v1/customers/{customer}
  address[city]=x address[country]=x address[line1]=x address[line2]=x address[postal_code]=x
  address[state]=x balance=1 bank_account=x bank_account[account_holder_name]=x
  bank_account[account_holder_type]=company bank_account[account_number]=x bank_account[country]=x
  bank_account[currency]=x bank_account[object]=bank_account bank_account[routing_number]=x business_name=x
  card=x card[address_city]=x card[address_country]=x card[address_line1]=x card[address_line2]=x
  card[address_state]=x card[address_zip]=x card[cvc]=123 card[exp_month]=8 card[exp_year]=2033
  card[metadata][key]=x card[name]=x card[number]=4242424242424242 card[object]=card
  cash_balance[settings][reconciliation_mode]=automatic coupon=x default_alipay_account=x
  default_bank_account=x default_card=x default_source=x description=x email=jenny@example.com expand[]=tax
  individual_name=x invoice_prefix=x invoice_settings[custom_fields][][name]=x
  invoice_settings[custom_fields][][value]=x invoice_settings[default_payment_method]=x
  invoice_settings[footer]=x invoice_settings[rendering_options][amount_tax_display]=exclude_tax
  invoice_settings[rendering_options][template]=x metadata[key]=x name=x next_invoice_sequence=1 phone=x
  preferred_locales[]=x promotion_code=x shipping[address][city]=x shipping[address][country]=x
  shipping[address][line1]=x shipping[address][line2]=x shipping[address][postal_code]=x
  shipping[address][state]=x shipping[name]=x shipping[phone]=x source=x tax[ip_address]=x
  tax[validate_location]=auto tax_exempt=reverse validate=true
GET /v1/customers/{customer}/payment_methods
  allow_redisplay=always ending_before=x expand[]=data.customer limit=1 starting_after=x type=card
GET /v1/customers/{customer}/payment_methods/{payment_method}
  expand[]=customer
POST /v1/setup_intents
  allowed_payment_method_types[key]=x attach_to_self=false
  automatic_payment_methods[allow_redirects]=always automatic_payment_methods[enabled]=true confirm=true
  confirmation_token=x customer=cus_none customer_account=x description=x
  excluded_payment_method_types[key]=x expand[]=customer flow_directions[]=inbound
  mandate_data[customer_acceptance][accepted_at]=1 mandate_data[customer_acceptance][online][ip_address]=x
  mandate_data[customer_acceptance][online][user_agent]=x mandate_data[customer_acceptance][type]=offline
  metadata[key]=x on_behalf_of=x payment_method=pm_none payment_method_configuration=x
  payment_method_data[allow_redisplay]=always payment_method_data[billing_details][address][city]=x
  payment_method_data[billing_details][address][country]=x
  payment_method_data[billing_details][address][line1]=x
  payment_method_data[billing_details][address][line2]=x
  payment_method_data[billing_details][address][postal_code]=x
  payment_method_data[billing_details][address][state]=x payment_method_data[billing_details][email]=x
  payment_method_data[billing_details][name]=x payment_method_data[billing_details][phone]=x
  payment_method_data[billing_details][tax_id]=x payment_method_data[klarna][key]=x
  payment_method_data[metadata][key]=x payment_method_data[radar_options][session]=x
  payment_method_data[card][token]=tok_visa payment_method_data[type]=card
  payment_method_options[card][mandate_options][key]=x payment_method_options[card][moto]=true
  payment_method_options[card][network]=amex payment_method_options[card][request_three_d_secure]=any
  payment_method_options[card][three_d_secure][key]=x payment_method_options[klarna][key]=x
  payment_method_options[sepa_debit][mandate_options][key]=x payment_method_types[]=card
  return_url=https://example.com single_use[amount]=1 single_use[currency]=usd usage=on_session
  use_stripe_sdk=true
GET /v1/setup_intents
  attach_to_self=true created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 customer=cus_none
  customer_account=x ending_before=x expand[]=data.customer limit=1 payment_method=pm_none starting_after=x
GET /v1/setup_intents/{intent}
  client_secret=x expand[]=customer
POST /v1/setup_intents/{intent}
  allowed_payment_method_types[key]=x attach_to_self=false customer=cus_none customer_account=x
  description=x excluded_payment_method_types[key]=x expand[]=customer flow_directions[]=inbound
  metadata[key]=x payment_method=pm_none payment_method_configuration=x
  payment_method_data[allow_redisplay]=always payment_method_data[billing_details][address][city]=x
  payment_method_data[billing_details][address][country]=x
  payment_method_data[billing_details][address][line1]=x
  payment_method_data[billing_details][address][line2]=x
  payment_method_data[billing_details][address][postal_code]=x
  payment_method_data[billing_details][address][state]=x payment_method_data[billing_details][email]=x
  payment_method_data[billing_details][name]=x payment_method_data[billing_details][phone]=x
  payment_method_data[billing_details][tax_id]=x payment_method_data[klarna][key]=x
  payment_method_data[metadata][key]=x payment_method_data[radar_options][session]=x
  payment_method_data[card][token]=tok_visa payment_method_data[type]=card
  payment_method_options[card][mandate_options][key]=x payment_method_options[card][moto]=true
  payment_method_options[card][network]=amex payment_method_options[card][request_three_d_secure]=any
  payment_method_options[card][three_d_secure][key]=x payment_method_options[klarna][key]=x
  payment_method_options[sepa_debit][mandate_options][key]=x payment_method_types[]=card
POST /v1/setup_intents/{intent}/confirm
  allowed_payment_method_types[key]=x client_secret=x confirmation_token=x expand[]=customer
  mandate_data[customer_acceptance][accepted_at]=1 mandate_data[customer_acceptance][online][ip_address]=x
  mandate_data[customer_acceptance][online][user_agent]=x mandate_data[customer_acceptance][type]=offline
  payment_method=pm_none payment_method_data[allow_redisplay]=always
  payment_method_data[billing_details][address][city]=x
  payment_method_data[billing_details][address][country]=x
  payment_method_data[billing_details][address][line1]=x
  payment_method_data[billing_details][address][line2]=x
  payment_method_data[billing_details][address][postal_code]=x
  payment_method_data[billing_details][address][state]=x payment_method_data[billing_details][email]=x
  payment_method_data[billing_details][name]=x payment_method_data[billing_details][phone]=x
  payment_method_data[billing_details][tax_id]=x payment_method_data[klarna][key]=x
  payment_method_data[metadata][key]=x payment_method_data[radar_options][session]=x
  payment_method_data[card][token]=tok_visa payment_method_data[type]=card
  payment_method_options[card][mandate_options][key]=x payment_method_options[card][moto]=true
  payment_method_options[card][network]=amex payment_method_options[card][request_three_d_secure]=any
  payment_method_options[card][three_d_secure][key]=x payment_method_options[klarna][key]=x
  payment_method_options[sepa_debit][mandate_options][key]=x return_url=https://example.com
  use_stripe_sdk=true
POST /v1/setup_intents/{intent}/cancel
  cancellation_reason=abandoned expand[]=customer
GET /v1/setup_attempts
  created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 ending_before=x
  expand[]=data.customer limit=1 setup_intent=seti_none starting_after=x
POST /v1/payment_intents
  allowed_payment_method_types[key]=x amount=2000 amount_details[key]=x application_fee_amount=x
  automatic_payment_methods[allow_redirects]=always automatic_payment_methods[enabled]=true
  capture_method=manual confirm=true confirmation_method=manual confirmation_token=x currency=usd
  customer=cus_none customer_account=x description=x error_on_requires_action=true
  excluded_payment_method_types[key]=x expand[]=customer hooks[key]=x mandate=x mandate_data[key]=x
  metadata[key]=x off_session=true on_behalf_of=x payment_details[key]=x payment_method=pm_none
  payment_method_configuration=x payment_method_data[allow_redisplay]=always
  payment_method_data[billing_details][address][city]=x
  payment_method_data[billing_details][address][country]=x
  payment_method_data[billing_details][address][line1]=x
  payment_method_data[billing_details][address][line2]=x
  payment_method_data[billing_details][address][postal_code]=x
  payment_method_data[billing_details][address][state]=x payment_method_data[billing_details][email]=x
  payment_method_data[billing_details][name]=x payment_method_data[billing_details][phone]=x
  payment_method_data[billing_details][tax_id]=x payment_method_data[klarna][key]=x
  payment_method_data[metadata][key]=x payment_method_data[radar_options][session]=x
  payment_method_data[card][token]=tok_visa payment_method_data[type]=card
  payment_method_options[card][capture_method]=manual payment_method_options[card][cvc_token]=x
  payment_method_options[card][installments][key]=x payment_method_options[card][mandate_options][key]=x
  payment_method_options[card][moto]=true payment_method_options[card][network]=amex
  payment_method_options[card][request_extended_authorization]=if_available
  payment_method_options[card][request_incremental_authorization]=if_available
  payment_method_options[card][request_multicapture]=if_available
  payment_method_options[card][request_overcapture]=if_available
  payment_method_options[card][request_three_d_secure]=any
  payment_method_options[card][require_cvc_recollection]=true
  payment_method_options[card][setup_future_usage]=none
  payment_method_options[card][statement_descriptor_suffix_kana]=x
  payment_method_options[card][statement_descriptor_suffix_kanji]=x
  payment_method_options[card][three_d_secure][key]=x payment_method_options[klarna][key]=x
  payment_method_types[]=card radar_options[key]=x receipt_email=jenny@example.com
  return_url=https://example.com setup_future_usage=off_session shipping[address][city]=x
  shipping[address][country]=x shipping[address][line1]=x shipping[address][line2]=x
  shipping[address][postal_code]=x shipping[address][state]=x shipping[carrier]=x shipping[name]=x
  shipping[phone]=x shipping[tracking_number]=x statement_descriptor=x statement_descriptor_suffix=x
  transfer_data[key]=x transfer_group=x use_stripe_sdk=true
GET /v1/payment_intents
  created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 customer=cus_none customer_account=x
  ending_before=x expand[]=data.customer limit=1 starting_after=x
GET /v1/payment_intents/{intent}
  client_secret=x expand[]=customer
POST /v1/payment_intents/{intent}
  allowed_payment_method_types[key]=x amount=2000 amount_details[key]=x application_fee_amount=x
  capture_method=manual currency=usd customer=cus_none customer_account=x description=x
  excluded_payment_method_types[key]=x expand[]=customer hooks[key]=x metadata[key]=x payment_details[key]=x
  payment_method=pm_none payment_method_configuration=x payment_method_data[allow_redisplay]=always
  payment_method_data[billing_details][address][city]=x
  payment_method_data[billing_details][address][country]=x
  payment_method_data[billing_details][address][line1]=x
  payment_method_data[billing_details][address][line2]=x
  payment_method_data[billing_details][address][postal_code]=x
  payment_method_data[billing_details][address][state]=x payment_method_data[billing_details][email]=x
  payment_method_data[billing_details][name]=x payment_method_data[billing_details][phone]=x
  payment_method_data[billing_details][tax_id]=x payment_method_data[klarna][key]=x
  payment_method_data[metadata][key]=x payment_method_data[radar_options][session]=x
  payment_method_data[card][token]=tok_visa payment_method_data[type]=card
  payment_method_options[card][capture_method]=manual payment_method_options[card][cvc_token]=x
  payment_method_options[card][installments][key]=x payment_method_options[card][mandate_options][key]=x
  payment_method_options[card][moto]=true payment_method_options[card][network]=amex
  payment_method_options[card][request_extended_authorization]=if_available
  payment_method_options[card][request_incremental_authorization]=if_available
  payment_method_options[card][request_multicapture]=if_available
  payment_method_options[card][request_overcapture]=if_available
  payment_method_options[card][request_three_d_secure]=any
  payment_method_options[card][require_cvc_recollection]=true
  payment_method_options[card][setup_future_usage]=none
  payment_method_options[card][statement_descriptor_suffix_kana]=x
  payment_method_options[card][statement_descriptor_suffix_kanji]=x
  payment_method_options[card][three_d_secure][key]=x payment_method_options[klarna][key]=x
  payment_method_types[]=card receipt_email=jenny@example.com setup_future_usage=off_session
  shipping[address][city]=x shipping[address][country]=x shipping[address][line1]=x
  shipping[address][line2]=x shipping[address][postal_code]=x shipping[address][state]=x shipping[carrier]=x
  shipping[name]=x shipping[phone]=x shipping[tracking_number]=x statement_descriptor=x
  statement_descriptor_suffix=x transfer_data[key]=x transfer_group=x
POST /v1/payment_intents/{intent}/confirm
  allowed_payment_method_types[key]=x amount_details[key]=x amount_to_confirm=x capture_method=manual
  client_secret=x confirmation_token=x error_on_requires_action=true excluded_payment_method_types[key]=x
  expand[]=customer hooks[key]=x mandate=x mandate_data[key]=x off_session=true payment_details[key]=x
  payment_method=pm_none payment_method_data[allow_redisplay]=always
  payment_method_data[billing_details][address][city]=x
  payment_method_data[billing_details][address][country]=x
  payment_method_data[billing_details][address][line1]=x
  payment_method_data[billing_details][address][line2]=x
  payment_method_data[billing_details][address][postal_code]=x
  payment_method_data[billing_details][address][state]=x payment_method_data[billing_details][email]=x
  payment_method_data[billing_details][name]=x payment_method_data[billing_details][phone]=x
  payment_method_data[billing_details][tax_id]=x payment_method_data[klarna][key]=x
  payment_method_data[metadata][key]=x payment_method_data[radar_options][session]=x
  payment_method_data[card][token]=tok_visa payment_method_data[type]=card
  payment_method_options[card][capture_method]=manual payment_method_options[card][cvc_token]=x
  payment_method_options[card][installments][key]=x payment_method_options[card][mandate_options][key]=x
  payment_method_options[card][moto]=true payment_method_options[card][network]=amex
  payment_method_options[card][request_extended_authorization]=if_available
  payment_method_options[card][request_incremental_authorization]=if_available
  payment_method_options[card][request_multicapture]=if_available
  payment_method_options[card][request_overcapture]=if_available
  payment_method_options[card][request_three_d_secure]=any
  payment_method_options[card][require_cvc_recollection]=true
  payment_method_options[card][setup_future_usage]=none
  payment_method_options[card][statement_descriptor_suffix_kana]=x
  payment_method_options[card][statement_descriptor_suffix_kanji]=x
  payment_method_options[card][three_d_secure][key]=x payment_method_options[klarna][key]=x
  payment_method_types[]=card radar_options[key]=x receipt_email=jenny@example.com
  return_url=https://example.com setup_future_usage=off_session shipping[address][city]=x
  shipping[address][country]=x shipping[address][line1]=x shipping[address][line2]=x
  shipping[address][postal_code]=x shipping[address][state]=x shipping[carrier]=x shipping[name]=x
  shipping[phone]=x shipping[tracking_number]=x use_stripe_sdk=true
POST /v1/payment_intents/{intent}/capture
  amount_details[key]=x amount_to_capture=1 application_fee_amount=x expand[]=customer final_capture=true
  hooks[key]=x metadata[key]=x payment_details[key]=x statement_descriptor=x statement_descriptor_suffix=x
  transfer_data[key]=x
POST /v1/payment_intents/{intent}/cancel
  cancellation_reason=abandoned expand[]=customer
GET /v1/charges
  created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 customer=cus_none ending_before=x
  expand[]=data.customer limit=1 payment_intent=x starting_after=x transfer_group=x
GET /v1/charges/{charge}
  expand[]=customer
POST /v1/refunds
  amount=1 charge=x currency=usd customer=cus_none expand[]=charge instructions_email=x metadata[key]=x
  origin=customer_balance payment_intent=x reason=duplicate refund_application_fee=true
  reverse_transfer=true
GET /v1/refunds
  charge=x created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 ending_before=x
  expand[]=data.charge limit=1 payment_intent=x starting_after=x
GET /v1/refunds/{refund}
  expand[]=charge
POST /v1/tokens
  account[business_type]=company bank_account[account_holder_name]=x
  bank_account[account_holder_type]=company bank_account[account_number]=x bank_account[account_type]=checking
  bank_account[country]=US bank_account[currency]=usd bank_account[payment_method]=x
  bank_account[routing_number]=x card[address_city]=x card[address_country]=x card[address_line1]=x
  card[address_line2]=x card[address_state]=x card[address_zip]=x card[currency]=usd card[cvc]=123
  card[exp_month]=8 card[exp_year]=2033 card[name]=x card[networks][preferred]=cartes_bancaires
  card[number]=4242424242424242 customer=cus_none cvc_update[cvc]=123 expand[]=x person[email]=x
  pii[id_number]=x
GET /v1/tokens/{token}
  expand[]=x
GET /v1/events
  created=1 created[gt]=1 created[gte]=1 created[lt]=1 created[lte]=1 delivery_success=true ending_before=x
  expand[]=data limit=1 starting_after=x type=customer.created types[]=customer.created
GET /v1/events/{id}
  expand[]=x
POST /v1/webhook_endpoints
  api_version=2023-08-16 connect=true description=x enabled_events[]=* expand[]=x metadata[key]=x
  url=https://example.com
GET /v1/webhook_endpoints
  ending_before=x expand[]=data limit=1 starting_after=x
GET /v1/webhook_endpoints/{webhook_endpoint}
  expand[]=x
POST /v1/webhook_endpoints/{webhook_endpoint}
  description=x disabled=true enabled_events[]=* expand[]=x metadata[key]=x url=https://example.com
DELETE /v1/webhook_endpoints/{webhook_endpoint}
`

export const documentedCalls: DocumentedCall[] = TABLE.trim()
  .split(/\n(?=\S)/)
  .map((block) => {
    const [method = '', path = '', ...parameters] = block.split(/\s+/)
    return { method, path, parameters }
  })

/** The same path with ids in the places of its parameters. */
export const filledIn = (path: string, ids: Record<string, string>): string =>
  path.replace(/\{(\w+)\}/g, (_braces, name: string) => ids[name] ?? `no_${name}`)
