export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inspector · fastify-payment-vault</title>
<link rel="stylesheet" href="inspector/style.css">
<script type="module" src="inspector/script.js"></script>
</head>
<body>
<header>
<h1>Inspector</h1>
<span class="mode">test mode</span>
<span id="state" role="status">not connected</span>
<form id="open">
<label for="key">Secret key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="sk_test_…">
<button>Open</button>
</form>
</header>
<main>
<div class="column">
<section class="customers" aria-labelledby="customers-title">
<div class="title"><h2 id="customers-title">Customers</h2><button id="reload" type="button">Reload</button></div>
<div id="customers" tabindex="0" role="group" aria-labelledby="customers-title"><p class="none">No customers yet.</p></div>
</section>
<section class="requests" aria-labelledby="requests-title">
<div class="title"><h2 id="requests-title">Requests</h2><button id="clear" type="button">Clear</button></div>
<p id="no-requests" class="none">Requests appear here as they come in.</p>
<ol id="requests" aria-label="Requests, the newest first"></ol>
</section>
</div>
<div class="column">
<section class="attach" aria-labelledby="attach-title">
<h2 id="attach-title">Attach a payment method</h2>
<form id="attach">
<label for="customer">Customer</label>
<select id="customer"><option value="new">a new one</option></select>
<label for="payment-method">Payment method</label>
<select id="payment-method">
<option value="pm_card_visa">Visa 4242</option>
<option value="pm_card_visa_debit">Visa debit 5556</option>
<option value="pm_card_mastercard">Mastercard 4444</option>
<option value="pm_card_amex">American Express 8431</option>
<option value="pm_card_jcb">JCB 0505</option>
<option value="pm_card_visa_chargeDeclined">declined when attached</option>
<option value="pm_card_chargeCustomerFail">declined when charged</option>
<option value="pm_1MqM05LkdIwHu7ixlDxxO6Mc">the sample payment method</option>
<option value="">another id …</option>
</select>
<label for="other" id="other-label" hidden>Its id</label>
<input id="other" hidden placeholder="pm_…" autocomplete="off" spellcheck="false">
<label class="check"><input id="default" type="checkbox"> Make it the default</label>
<button>Attach</button>
</form>
<output id="answer" for="customer payment-method other default"></output>
</section>
<section class="events" aria-labelledby="events-title">
<h2 id="events-title">Events</h2>
<ul id="events"><li class="none">No events yet.</li></ul>
</section>
</div>
</main>
</body>
</html>
`
