create table payment_vault.tokens (
  account_id text not null,
  id text not null,
  created bigint not null,
  type text not null,
  used boolean not null,
  -- The parts of the object that no query reads.
  details jsonb not null,
  -- The payment method that the token becomes, with the processor's token. Never the number.
  payment_method jsonb not null,
  constraint tokens_pkey primary key (account_id, id)
);
