import { type Documented, documents, either } from './refusal'

/** What any call can be refused with, besides what is its own. Most of it is thrown by the plugins. */
export const errorsOfEveryCall: readonly Documented[] = [
  either(
    documents({
      status: 400,
      codes: [
        'parameter_unknown',
        'parameter_missing',
        'parameter_invalid_empty',
        'parameter_invalid_integer',
        'invalid_characters'
      ],
      why: 'a parameter is not right'
    }),
    documents({
      status: 400,
      why: 'it is of the wrong kind, too long or none of its values, or the body can not be read'
    })
  ),
  documents({
    status: 400,
    type: 'idempotency_error',
    why: 'the idempotency key belongs to another request'
  }),
  either(
    documents({ status: 401, why: 'there is no API key, or a wrong one' }),
    documents({ status: 401, codes: 'api_key_expired', why: 'the key was rolled and has come to its end' }),
    documents({
      status: 401,
      codes: 'secret_key_required',
      why: 'a publishable key where a secret one is needed'
    })
  ),
  either(
    documents({
      status: 403,
      codes: 'account_invalid',
      why: "the account of `Stripe-Account` is none of the caller's"
    }),
    documents({
      status: 403,
      why: 'a restricted key lacks the permission that the message names, or live mode is not served here'
    })
  ),
  documents({ status: 404, why: 'there is no such call' }),
  documents({ status: 408, why: 'the request did not arrive in time' }),
  documents({
    status: 409,
    codes: 'idempotency_key_in_use',
    why: 'the first request with this key is still running'
  }),
  documents({ status: 413, why: 'the body is too large' }),
  documents({ status: 415, why: 'the body is of another kind' }),
  either(
    documents({ status: 429, codes: 'lock_timeout', why: 'another request holds the object' }),
    documents({
      status: 429,
      codes: 'rate_limit',
      why: 'the account made more calls than it may, or too many wrong keys came in. Either may be sent again'
    })
  ),
  documents({ status: 431, why: 'the URL and the headers are too long' }),
  documents({ status: 500, why: 'the vault failed; it may be sent again' }),
  documents({ status: 503, why: 'its database can not be reached; it may be sent again' })
]
