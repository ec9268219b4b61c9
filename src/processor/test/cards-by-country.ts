import type { CardBrand } from '../card-processor'
import type { TestCard } from './card'
import { testCard } from './card'

const visa = (country: string, number: string, name = country.toLowerCase()): TestCard =>
  testCard(number, 'visa', [name], { country })

const debit = (country: string, number: string, name: string): TestCard =>
  testCard(number, 'visa', [name], { country, funding: 'debit' })

const coBranded = (
  number: string,
  country: string,
  networks: [CardBrand, CardBrand],
  name: string
): TestCard =>
  testCard(number, networks[1], [name], {
    country,
    networks,
    funding: networks[0] === 'eftpos_au' ? 'debit' : 'credit'
  })

/** The published test cards that always succeed and differ only in country, networks or product. */
export const TEST_CARDS_BY_COUNTRY: readonly TestCard[] = [
  visa('AR', '4000000320000021'),
  visa('BR', '4000000760000002'),
  visa('CA', '4000001240000000'),
  visa('CL', '4000001520000001'),
  visa('CO', '4000001700000003'),
  visa('CR', '4000001880000005'),
  visa('EC', '4000002180000000'),
  visa('MX', '4000004840008001'),
  visa('PA', '4000005910000000'),
  visa('PY', '4000006000000066'),
  visa('PE', '4000006040000068'),
  visa('UY', '4000008580000003'),

  visa('AE', '4000007840000001'),
  testCard('5200007840000022', 'mastercard', ['ae_mastercard'], { country: 'AE' }),
  visa('AT', '4000000400000008'),
  visa('BE', '4000000560000004'),
  visa('BG', '4000001000000000'),
  visa('BY', '4000001120000005'),
  visa('HR', '4000001910000009'),
  visa('CY', '4000001960000008'),
  visa('CZ', '4000002030000002'),
  visa('DK', '4000002080000001'),
  visa('EE', '4000002330000009'),
  visa('FI', '4000002460000001'),
  visa('FR', '4000002500000003'),
  visa('DE', '4000002760000016'),
  visa('GI', '4000002920000005'),
  visa('GR', '4000003000000030'),
  visa('HU', '4000003480000005'),
  visa('IE', '4000003720000005'),
  visa('IT', '4000003800000008'),
  visa('LV', '4000004280000005'),
  visa('LI', '4000004380000004'),
  visa('LT', '4000004400000000'),
  visa('LU', '4000004420000006'),
  visa('MT', '4000004700000007'),
  visa('NL', '4000005280000002'),
  visa('NO', '4000005780000007'),
  visa('PL', '4000006160000005'),
  visa('PT', '4000006200000007'),
  visa('RO', '4000006420000001'),
  visa('SI', '4000007050000006'),
  visa('SK', '4000007030000001'),
  visa('ES', '4000007240000007'),
  visa('SE', '4000007520000008'),
  visa('CH', '4000007560000009'),
  visa('GB', '4000008260000000'),
  debit('GB', '4000058260000005', 'gb_debit'),
  testCard('5555558265554449', 'mastercard', ['gb_mastercard'], { country: 'GB' }),

  visa('AU', '4000000360000006'),
  visa('CN', '4000001560000002'),
  visa('HK', '4000003440000004'),
  visa('JP', '4000003920000003'),
  visa('MY', '4000004580000002'),
  visa('NZ', '4000005540000008'),
  visa('SG', '4000007020000003'),
  visa('TW', '4000001580000008'),
  visa('TH', '4000007640000003', 'th_credit'),
  debit('TH', '4000057640000008', 'th_debit'),

  coBranded('4000002500001001', 'FR', ['cartes_bancaires', 'visa'], 'visa_cartesBancaires'),
  coBranded('5555552500001001', 'FR', ['cartes_bancaires', 'mastercard'], 'mastercard_cartesBancaires'),
  coBranded('4000050360000001', 'AU', ['eftpos_au', 'visa'], 'visa_debit_eftposAuCoBranded'),
  coBranded('5555050360000080', 'AU', ['eftpos_au', 'mastercard'], 'mastercard_debit_eftposAuCoBranded'),

  testCard('4000051230000072', 'visa', ['debit_visaFsaProductCode', 'debit_visaHsaProductCode'], {
    funding: 'debit'
  }),
  testCard('5200828282828897', 'mastercard', ['mastercard_debit_mastercardFsaProductCode'], {
    funding: 'debit'
  })
]
