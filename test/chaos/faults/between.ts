import { setTimeout as sleep } from 'node:timers/promises'
import type { Line, Proxy } from '../../helpers/network/proxy'
import type { Servers } from './servers'

interface Between {
  proxy: Proxy
  servers: Servers
}

/**
 * What goes wrong between the vault and its database; each ends with a database that can be reached. A line is slow
 * before it breaks, so that much is on its way then: transactions, and answers of what is done.
 */
export const faultsBetween = {
  delay: ({ proxy }: Between) => during(proxy, 'slow', 3000),
  cut: async ({ proxy }: Between) => {
    await during(proxy, 'slow', aWhile(), 'cut')
    await during(proxy, 'cut', 2000)
  },
  silence: async ({ proxy }: Between) => {
    await during(proxy, 'slow', aWhile(), 'silent')
    await during(proxy, 'silent', 5000)
  },
  drip: ({ proxy }: Between) => during(proxy, 'dripping', 4000),
  restart: ({ servers }: Between) => servers.restart(),
  failover: async ({ proxy, servers }: Between) => {
    await servers.lose()
    proxy.target = { path: servers.standbySocket }
    // For a moment it takes readers only.
    await sleep(1000)
    await servers.promote()
  }
}

export type FaultName = keyof typeof faultsBetween

/** As long as some trips take: it is not to break at the same moment of each. */
const aWhile = (): number => 400 + Math.random() * 400

const during = async (
  proxy: Proxy,
  line: Line,
  milliseconds: number,
  then: Line = 'sound'
): Promise<void> => {
  proxy.become(line)
  await sleep(milliseconds)
  proxy.become(then)
}
